//! The tables, for Diesel. They are the same in both databases.

diesel::table! {
    books (id) {
        id -> BigInt,
        title -> Text,
        title_folded -> Text,
        author -> Text,
        author_folded -> Text,
        isbn -> Nullable<Text>,
        genre -> Nullable<Text>,
        genre_folded -> Text,
        year -> Nullable<Integer>,
        description -> Nullable<Text>,
        rating_sum -> BigInt,
        rating_count -> BigInt,
        rating_hundredths -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        cover -> Nullable<Text>,
        title_sort -> Binary,
        author_sort -> Binary,
    }
}

diesel::table! {
    book_counts (slot) {
        slot -> BigInt,
        books -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        email_folded -> Text,
        username -> Nullable<Text>,
        username_folded -> Nullable<Text>,
        name -> Nullable<Text>,
        name_folded -> Nullable<Text>,
        role -> Text,
        password_hash -> Text,
        access_epoch -> BigInt,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        user_id -> BigInt,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
        created_at -> BigInt,
        last_used_at -> BigInt,
        idle_until -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        dead_at -> BigInt,
    }
}

diesel::table! {
    refresh_tokens (digest) {
        digest -> Binary,
        session_id -> BigInt,
        generation -> BigInt,
        created_at -> BigInt,
        spent_at -> Nullable<BigInt>,
        salt -> Nullable<Binary>,
    }
}

diesel::table! {
    api_keys (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        prefix -> Text,
        digest -> Binary,
        permissions -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    invites (id) {
        id -> BigInt,
        digest -> Binary,
        email -> Nullable<Text>,
        role -> Text,
        created_by -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        used_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    idempotency_keys (lookup) {
        lookup -> Binary,
        fingerprint -> Binary,
        resource -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    shelf_entries (id) {
        id -> BigInt,
        user_id -> BigInt,
        book_id -> BigInt,
        status -> Text,
        rating -> Nullable<Integer>,
        notes -> Nullable<Text>,
        started_on -> Nullable<Integer>,
        finished_on -> Nullable<Integer>,
        version -> BigInt,
        added_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::joinable!(api_keys -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(shelf_entries -> books (book_id));
diesel::allow_tables_to_appear_in_same_query!(shelf_entries, books);
diesel::allow_tables_to_appear_in_same_query!(users, sessions, refresh_tokens, api_keys);

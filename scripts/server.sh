# For scripts that need a server: source this file after building the server. start_server starts it
# on a free port with its own folder, and sets $url. The server is stopped when the script ends.

export BOOKSHELF_LISTEN=127.0.0.1:0 BOOKSHELF_LOG_FORMAT=json BOOKSHELF_BCRYPT_COST=4
for limit in LOGIN REGISTER PASSWORD WRITE READ; do
  export "BOOKSHELF_RATE_LIMIT_$limit=off"
done

folder=$(mktemp -d)
server=
stop_server() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap stop_server EXIT
export BOOKSHELF_DATA_DIR=$folder/data

target=${CARGO_TARGET_DIR:-$PWD/target}
bookshelf() {
  "$target/debug/bookshelf" --insecure-test-settings "$@"
}

start_server() {
  "$target/debug/bookshelf" --insecure-test-settings serve 2>"$folder/log" &
  server=$!
  local address=
  for _ in $(seq 300); do
    address=$(sed -n 's/.*"listening".*"address":"\([^"]*\)".*/\1/p' "$folder/log")
    [ -n "$address" ] && break
    sleep 0.1
  done
  [ -n "$address" ] || { cat "$folder/log" >&2; exit 1; }
  url=http://$address
}

# log_in EMAIL: prints an access token.
log_in() {
  curl -sS --fail-with-body "$url/api/v1/auth/login" -H 'Content-Type: application/json' \
    -d "{\"email\": \"$1\", \"password\": \"$password\"}" |
    sed 's/.*"access_token":"\([^"]*\)".*/\1/'
}

password='correct horse battery'
# Two admins and two users: the second of each is for requests that end a session or an account.
make_accounts() {
  for name in admin other; do
    echo "$password" |
      bookshelf admin create --email "$name@example.com" --password-stdin >"$folder/out" 2>&1 ||
      { cat "$folder/out" >&2; return 1; }
  done
  for name in user last; do
    curl -sS --fail-with-body "$url/api/v1/auth/register" -H 'Content-Type: application/json' \
      -d "{\"email\": \"$name@example.com\", \"password\": \"$password\"}" >"$folder/out"
  done
}

# Fifty books, so that the books in the examples of the OpenAPI document exist.
make_books() {
  { echo title,author; seq -f 'Book %g,Author' 50; } >"$folder/books.csv"
  bookshelf import "$folder/books.csv" >"$folder/out" 2>&1
}

use std::collections::BTreeMap;
use std::env;

/// What the environment says of S3, under the names that every program has for it: the variables
/// `AWS_…`. The lines of `.env` count as environment.
pub(crate) fn aws_variables() -> BTreeMap<String, String> {
    // A line that cannot be read has stopped the start already.
    let dot_env = dotenvy::from_path_iter(".env").into_iter().flatten().filter_map(Result::ok);
    let environment = env::vars_os()
        .filter_map(|(name, text)| name.into_string().ok().zip(text.into_string().ok()));
    let given = dot_env.chain(environment);
    given.filter(|(name, text)| name.starts_with("AWS_") && !text.is_empty()).collect()
}

"""The program of the previous version."""

import os
import pathlib
import subprocess
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]


def git(*arguments):
    done = subprocess.run(["git", "-C", PROJECT, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def commit():
    """The newest release before this commit, else the commit before the newest migration."""
    tags = git("tag", "--merged", "HEAD^", "--sort=-creatordate").split()
    if tags:
        return tags[0]
    return git("log", "-1", "--diff-filter=A", "--format=%H", "--", "migrations") + "^"


def build(commit):
    """Builds it in a folder of its own. What it compiles is kept for the next run."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target")).resolve() / "upgrade"
    with tempfile.TemporaryDirectory(prefix="bookshelf-upgrade-") as folder:
        source = pathlib.Path(folder, "source")
        git("worktree", "add", "--detach", str(source), commit)
        try:
            subprocess.run(
                ["cargo", "build", "--locked", "--package", "bookshelf"],
                cwd=source, env={**os.environ, "CARGO_TARGET_DIR": str(target)}, check=True,
            )
        finally:
            git("worktree", "remove", "--force", str(source))
    return target / "debug/bookshelf"

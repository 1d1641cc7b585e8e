"""A branch of a git repository that holds nothing but the site, as the Pages of a forge show it.

Every deploy is one commit on the branch: whoever fetches it gets the old site or the new. System git does the work in a
bare repository of its own; the author's is not touched.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tubegen.deploy.files import SiteFile
from tubegen.deploy.targets import Conflict, TargetRefused, Unreachable
from tubegen.errors import InputError, Problem, ToolMissing, TubegenError

_AUTHOR = {
    "GIT_AUTHOR_NAME": "tubegen",
    "GIT_AUTHOR_EMAIL": "tubegen@localhost",
    "GIT_COMMITTER_NAME": "tubegen",
    "GIT_COMMITTER_EMAIL": "tubegen@localhost",
}
_GENERATION = re.compile(r"^Generation ([0-9]+)$", re.MULTILINE)


class GitBranch:
    """The branch `branch` of the remote `url`; `state` is a folder of this machine for the repository between."""

    def __init__(self, url: str, branch: str, state: Path) -> None:
        self.address = f"{url} ({branch})"
        self._url = url
        self._branch = branch
        self._repository = state / "repository.git"

    def publish(self, files: Sequence[SiteFile], *, dry_run: bool) -> tuple[int, int]:
        """Make the branch hold `files`; returns the generation that is live and how many files changed.

        Raises InputError, Conflict when somebody pushed meanwhile, Unreachable, ToolMissing."""
        head = self._fetch()
        tree = self._write_tree(files)
        generation = self._generation(head) if head else 0
        before = self._git("rev-parse", f"{head}^{{tree}}") if head else ""
        changed = (
            len(self._git("diff-tree", "-r", "--name-only", before, tree).split("\n"))
            if before
            else len(files)
        )
        if before == tree:
            return generation, 0
        if dry_run:
            return generation, changed
        self._push(tree, head, generation + 1)
        return generation + 1, changed

    def roll_back(self, number: int | None, *, dry_run: bool) -> tuple[int, int]:
        """Make the branch hold what it held in generation `number`, or before the present one when it is None, but
        the newest `federation/`; returns the generation that is live and how many files changed."""
        head = self._fetch()
        if not head:
            raise InputError(
                Problem(self.address, 0, "nothing was deployed here yet", "deploy the site first")
            )
        present = self._generation(head)
        wanted = present - 1 if number is None else number
        found = self._git("log", "-1", "--format=%H", "-E", f"--grep=^Generation {wanted}$", head)
        if not found or wanted >= present:
            text = f"there is no generation {wanted} to go back to"
            raise InputError(
                Problem(self.address, 0, text, f"they are: 1 to {present - 1}" if present > 1 else "")
            )
        tree = self._with_catalogue(found, head)
        changed = self._changed(head, tree)
        if dry_run:
            return present, changed
        self._push(tree, head, present + 1)
        return present + 1, changed

    def _fetch(self) -> str:
        """The commit at the end of the branch; empty when there is no such branch."""
        if not self._repository.exists():
            self._repository.parent.mkdir(parents=True, exist_ok=True)
            self._git("init", "--quiet", "--bare", str(self._repository), inside=False)
        there = self._git("ls-remote", "--heads", self._url, f"refs/heads/{self._branch}")
        if not there:
            return ""
        self._git("fetch", "--quiet", "--no-tags", self._url, f"refs/heads/{self._branch}")
        return self._git("rev-parse", "FETCH_HEAD")

    def _write_tree(self, files: Sequence[SiteFile]) -> str:
        paths = [file.source for file in files if isinstance(file.source, str)]
        names = self._git(
            "hash-object", "-w", "--no-filters", "--stdin-paths", words="\n".join(paths) + "\n"
        ).split("\n")
        index = "".join(f"100644 {name}\t{file.path}\n" for name, file in zip(names, files, strict=True))
        return self._tree_of(index)

    def _with_catalogue(self, pages: str, head: str) -> str:
        """The tree of the commit `pages` with the `federation/` of `head`."""
        listed = self._git("ls-tree", "-r", pages).split("\n")
        newest = self._git("ls-tree", "-r", head, "federation/").split("\n")
        lines = [line for line in listed if not line.partition("\t")[2].startswith("federation/")] + newest
        return self._tree_of("".join(f"{line.replace(' blob ', ' ', 1)}\n" for line in lines if line))

    def _tree_of(self, index: str) -> str:
        place = self._repository / "deploy-index"
        place.unlink(missing_ok=True)
        environment = {"GIT_INDEX_FILE": str(place)}
        self._git("update-index", "--add", "--index-info", words=index, environment=environment)
        return self._git("write-tree", environment=environment)

    def _changed(self, commit: str, tree: str) -> int:
        """How many files differ."""
        names = self._git("diff-tree", "-r", "--name-only", commit, tree)
        return len(names.split("\n")) if names else 0

    def _generation(self, commit: str) -> int:
        found = _GENERATION.search(self._git("log", "-1", "--format=%B", commit))
        if not found:
            text = "this branch holds commits that tubegen did not make"
            raise InputError(Problem(self.address, 0, text, "name a branch that holds nothing but the site"))
        return int(found[1])

    def _push(self, tree: str, head: str, generation: int) -> None:
        parents = ["-p", head] if head else []
        words = f"Deploy the site\n\nGeneration {generation}\n"
        commit = self._git("commit-tree", tree, *parents, words=words, environment=_AUTHOR)
        lease = f"--force-with-lease=refs/heads/{self._branch}:{head}"
        self._git("push", "--quiet", lease, self._url, f"{commit}:refs/heads/{self._branch}")

    def _git(
        self,
        *words_of_command: str,
        words: str = "",
        environment: dict[str, str] | None = None,
        inside: bool = True,
    ) -> str:
        place = ["--git-dir", str(self._repository)] if inside else []
        try:
            done = subprocess.run(
                ["git", *place, *words_of_command],
                input=words,
                capture_output=True,
                encoding="utf-8",
                errors="surrogateescape",
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **(environment or {})},
            )
        except FileNotFoundError:
            raise ToolMissing(Problem("", 0, "there is no git on this machine", "install git")) from None
        if done.returncode:
            raise self._explained(done.stderr)
        return done.stdout.rstrip("\n")

    def _explained(self, complaint: str) -> TubegenError:
        """What git complains of, as an error with a remedy."""
        for mark, text, hint in _REFUSALS:
            if mark in complaint:
                return TargetRefused(Problem(self.address, 0, text, hint))
        if "stale info" in complaint or "fetch first" in complaint or "non-fast-forward" in complaint:
            return Conflict(
                Problem(self.address, 0, "somebody else pushed to the branch meanwhile", "deploy again")
            )
        lines = [line for line in complaint.splitlines() if line.strip()]
        return Unreachable(Problem(self.address, 0, lines[-1][:300] if lines else "git failed"))


_REFUSALS = (
    ("protected branch", "the branch is protected", "allow pushing to it in the forge's settings"),
    (
        "pre-receive hook declined",
        "the forge refuses the push",
        "look at the branch's protection and the quota there",
    ),
    ("Permission denied", "the host takes no key of yours", "add your SSH key to your account there"),
    ("Authentication failed", "the host refuses name or password", "use a key, or git's credential helper"),
    ("could not read Username", "the host asks for a password", "use a key, or git's credential helper"),
    (
        "does not appear to be a git repository",
        "there is no such repository",
        "correct 'url', or make it first",
    ),
    ("not found", "there is no such repository, or not for you", "correct 'url', or make it first"),
    ("exceeds", "a file is larger than the forge takes", "bring media to a bucket, pages to the forge"),
)

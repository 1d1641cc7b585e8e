"""Takes a finished site to the host it lives on, and back to an earlier state.

    files ─► plan ─► run ─► targets            manifest: what is at the target, written last

A target holds files under names (a bucket, a folder, an SFTP server) or whole states of a site (a branch of a git
repository). The order of uploads, grace times and generations make sure that whoever is watching meanwhile finds
every file that the page before them names.
"""

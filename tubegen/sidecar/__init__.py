"""The site's ActivityPub actors: one process that lets people follow the site from other servers."""

"""The line of configuration that mends a finding, for the host that answered."""

from collections.abc import Mapping

_HOSTS = (
    ("server", "cloudflare", "_headers"),
    ("x-nf-request-id", "", "_headers"),
    ("server", "netlify", "_headers"),
    ("server", "nginx", "nginx"),
    ("server", "openresty", "nginx"),
    ("server", "caddy", "Caddy"),
    ("server", "github.com", "GitHub Pages"),
    ("x-amz-request-id", "", "bucket"),
    ("server", "apache", "Apache"),
)

_LINES: dict[str, dict[str, str]] = {
    "type": {
        "nginx": "types {{ {value} {extension}; }} in the server block, beside include mime.types",
        "Caddy": "header *.{extension} Content-Type {value}",
        "Apache": "AddType {value} .{extension}",
        "bucket": "set Content-Type {value} on the object; tubegen deploy does",
        "_headers": "in _headers: /*.{extension} and below it   Content-Type: {value}",
        "GitHub Pages": "it cannot be set there: bring media to a bucket",
    },
    "header": {
        "nginx": 'location /media/ {{ add_header {name} "{value}" always; }}',
        "Caddy": 'header /media/* {name} "{value}"',
        "Apache": 'Header set {name} "{value}" for /media/',
        "bucket": "set it on the bucket (CORS rules) or the objects; tubegen deploy sets {name} where it can",
        "_headers": "in _headers: /media/* and below it   {name}: {value}",
        "GitHub Pages": "it cannot be set there: bring media to a bucket",
    },
}


def host_of(headers: Mapping[str, str]) -> str:
    """The kind of host by its answer: nginx, Caddy, bucket, …; empty when it cannot be told."""
    return next(
        (host for name, value, host in _HOSTS if name in headers and value in headers[name].lower()), ""
    )


def advise_type(headers: Mapping[str, str], extension: str, value: str) -> str:
    """How to have files of `extension` served as `value`."""
    line = _LINES["type"].get(host_of(headers), "let the host send Content-Type: {value} for .{extension}")
    return line.format(extension=extension, value=value)


def advise_header(headers: Mapping[str, str], name: str, value: str) -> str:
    """How to have media served with the header `name`."""
    line = _LINES["header"].get(host_of(headers), "let the host send {name}: {value} for /media/")
    return line.format(name=name, value=value)

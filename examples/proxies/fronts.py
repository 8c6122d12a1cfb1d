"""The auth proxies that can be had: how each is started, with the files that the examples show."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

EXAMPLES: Final = Path(__file__).parent

PORTS: Final = {
    "app": 8000,
    "secure": 8001,
    "application": 8010,
    "tokenizer": 8011,
    "oathkeeper": 4456,
    "log-in": 4433,
    "line": 8443,
}
"""Which port stands for what in the examples."""

_PORT: Final = re.compile(rf"\b({'|'.join(map(str, PORTS.values()))})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A proxy, by its program and its arguments; its files are put where it is started."""

    program: str
    arguments: tuple[str, ...]
    files: tuple[str, ...]
    libraries: str = ""
    """Where its libraries are, where the machine has none of them."""

    def command(self, folder: Path, ports: Mapping[str, int]) -> list[str | Path]:
        """Write its files into `folder`, with other ports, and say what starts it there."""
        others = {str(port): str(ports[name]) for name, port in PORTS.items()}
        for name in self.files:
            text = (EXAMPLES / name).read_text()
            (folder / Path(name).name).write_text(_PORT.sub(lambda found: others[found[0]], text))
        prefix = Path(sys.prefix)
        own = prefix / self.program if "/" in self.program else self.program
        arguments = [each.format(prefix=prefix) for each in self.arguments]
        found = map(str, prefix.glob(self.libraries)) if self.libraries else ()
        # `env` becomes the program: it is no process of its own.
        where = ["env", f"LD_LIBRARY_PATH={':'.join(found)}"] if self.libraries else []
        return [*where, own, *arguments]


FRONTS: Final = {
    "caddy": Front(
        program="bin/caddy",
        arguments=("run", "--adapter", "caddyfile", "--config", "Caddyfile"),
        files=("Caddyfile",),
    ),
    "envoy": Front(
        program="bin/envoy",
        arguments=(
            "--config-path",
            "envoy.yaml",
            "--log-level",
            "warning",
            "--use-dynamic-base-id",
        ),
        files=("envoy.yaml",),
    ),
    "nginx": Front(
        program="debian/usr/sbin/nginx",
        arguments=("-p", ".", "-c", "nginx.conf", "-e", "stderr"),
        files=("nginx.conf",),
    ),
    "traefik": Front(
        program="bin/traefik",
        arguments=("--configFile=traefik.yaml",),
        files=("traefik.yaml", "traefik-routes.yaml"),
    ),
}

CERTIFIED: Final = {
    **{
        name: replace(FRONTS[name], files=(f"certificate/{FRONTS[name].files[0]}",))
        for name in ("caddy", "envoy", "nginx")
    },
    "traefik": replace(
        FRONTS["traefik"], files=("traefik.yaml", "certificate/traefik-routes.yaml")
    ),
}
"""The same that present a certificate to the tokenizer."""

SIGNED_IN: Final = replace(FRONTS["envoy"], files=("passed-on/envoy.yaml",))
"""Envoy that logs users in itself, and passes on what an identity provider signed."""

APACHE: Final = Front(
    program="debian/usr/sbin/apache2",
    arguments=(
        "-D",
        "FOREGROUND",
        "-d",
        ".",
        "-C",
        "Define MODULES {prefix}/debian/usr/lib/apache2/modules",
        "-f",
        "apache.conf",
    ),
    files=("apache.conf",),
    libraries="debian/usr/lib/*-linux-gnu",
)
"""It logs users in itself, with an identity provider; `apache.py` has what it needs."""

OATHKEEPER: Final = Front(
    program="oathkeeper",  # wherever the PATH has it: neither PyPI nor Debian does
    arguments=("serve", "--config", "oathkeeper.yaml"),
    files=("oathkeeper/oathkeeper.yaml", "oathkeeper/rules.json"),
)
"""What the others ask, where there is one; it signs with `signing.jwks.json`."""

BEFORE: Final = {
    "apache": {"apache": APACHE},
    **{name: {name: front} for name, front in FRONTS.items()},
    "oathkeeper": {"oathkeeper": OATHKEEPER, "caddy": FRONTS["caddy"]},
}
"""What the demo can be behind, and what runs for it."""

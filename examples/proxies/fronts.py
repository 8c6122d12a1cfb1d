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

    def command(self, folder: Path, ports: Mapping[str, int]) -> list[str | Path]:
        """Write its files into `folder`, with other ports, and say what starts it there."""
        others = {str(port): str(ports[name]) for name, port in PORTS.items()}
        for name in self.files:
            text = (EXAMPLES / name).read_text()
            (folder / Path(name).name).write_text(_PORT.sub(lambda found: others[found[0]], text))
        own = Path(sys.prefix) / self.program
        return [own if "/" in self.program else self.program, *self.arguments]


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
    name: replace(FRONTS[name], files=(f"certificate/{FRONTS[name].files[0]}",))
    for name in ("caddy", "envoy", "nginx")
}
"""The same that present a certificate to the tokenizer."""

OATHKEEPER: Final = Front(
    program="oathkeeper",  # wherever the PATH has it: neither PyPI nor Debian does
    arguments=("serve", "--config", "oathkeeper.yaml"),
    files=("oathkeeper/oathkeeper.yaml", "oathkeeper/rules.json"),
)
"""What the others ask, where there is one; it signs with `signing.jwks.json`."""

"""The demo application: a small web app that keeps social security numbers without holding one."""

from lunasec.demo.app import create_app
from lunasec.demo.settings import DemoSettings

__all__ = ["DemoSettings", "create_app"]

"""The SDK for an application's back end: what every framework's plugin is made of."""

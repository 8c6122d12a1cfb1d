"""What `lunasec check` looks at: files, listeners, the public origin, each application."""

"""Django's own connections to SQLite and PostgreSQL, which know what they change and are asked."""

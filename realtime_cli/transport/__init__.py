"""The connection to a server. The only client-side importer of `websockets`."""

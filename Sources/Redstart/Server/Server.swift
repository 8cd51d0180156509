/// One Redis-protocol server.
public struct Server {}

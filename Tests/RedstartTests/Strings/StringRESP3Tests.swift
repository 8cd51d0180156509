import Testing

@testable import Redstart

/// What a client of RESP3 gets where it differs.
@Suite struct StringsInRESP3 {
    @Test func `nothing is a null, and the matches of LCS are a map`() {
        let session = Session()
        session.client.reply.isRESP3 = true
        session.expect([
            ("GET none", "_\r\n"),
            ("GETEX none", "_\r\n"),
            ("GETDEL none", "_\r\n"),
            ("GETSET a ohmytext", "_\r\n"),
            ("SET b mynewtext GET", "_\r\n"),
            ("SET b x NX", "_\r\n"),
            ("MGET none b", "*2\r\n_\r\n$9\r\nmynewtext\r\n"),
            ("INCRBYFLOAT n 1.5", "$3\r\n1.5\r\n"),
            ("LCS a b", "$6\r\nmytext\r\n"),
            (
                "LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN",
                "%2\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n$3\r\nlen\r\n:6\r\n"
            ),
        ])
    }
}

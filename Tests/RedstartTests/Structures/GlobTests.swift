import Testing

@testable import Redstart

@Suite struct GlobTests {
    private func matches(_ pattern: String, _ text: String, ignoringCase: Bool = false) -> Bool {
        latin1(pattern).withBytes { pattern in
            latin1(text).withBytes { Glob.matches(pattern, $0, ignoringCase: ignoringCase) }
        }
    }

    /// A byte for each character, so that a table can hold any byte.
    private func latin1(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

    private func check(_ table: String, ignoringCase: Bool) {
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            let answer = matches(String(words[1]), String(words[2]), ignoringCase: ignoringCase)
            #expect(answer == (words[0] == "yes"), "\(line)")
        }
    }

    @Test func `answers as recorded from KEYS`() { check(Self.recorded, ignoringCase: false) }

    @Test func `without regard to case, answers as recorded from CONFIG GET`() {
        check(Self.recordedIgnoringCase, ignoringCase: true)
    }

    @Test func `an empty text is matched by an empty pattern alone`() {
        #expect(matches("", ""))
        for pattern in ["*", "**", "?", "[^", "a"] { #expect(!matches(pattern, "")) }
        #expect(!matches("", "a"))
    }

    @Test func `zero bytes are like any other`() {
        #expect(matches("*\0b", "a\0\0b"))
        #expect(matches("a[\0]b", "a\0b"))
        #expect(!matches("a\0", "a"))
    }

    @Test func `more than a thousand stars match nothing`() {
        let text = String(repeating: "a", count: 1001)
        #expect(matches(String(repeating: "*a", count: 1000), text))
        #expect(!matches(String(repeating: "*a", count: 1001), text))
        // Neither stars in a row nor those at the end count.
        #expect(matches(String(repeating: "a*", count: 1001), text))
        #expect(!matches(String(repeating: "a*", count: 1002), text + "a"))
        #expect(matches(String(repeating: "*", count: 5000) + "a", text))
    }

    @Test(.timeLimit(.minutes(1))) func `work is bounded`() {
        let text = String(repeating: "a", count: 3000)
        #expect(!matches(String(repeating: "a*", count: 900) + "b", text))
        #expect(!matches(String(repeating: "*?", count: 900) + "b", text))
    }

    private static let recordedIgnoringCase = #"""
        no  p[Z-a]rt port
        no  p[a-Z]rt port
        yes p[A-Z]rt port
        yes p[z-A]rt port
        no  por[^T] port
        yes por[^u] port
        no  p[`-Z]rt port
        yes P[^`-Z]RT port
        yes POR\T* port
        no  por[\T] port
        yes por[\t] port
        yes por[^\T] port
        yes [P]or\T port
        no  [\P]ort port
        no  [\PX]ort port
        yes P?RT port
        yes *OR* port
        no  [a-Z]ort port
        yes [A-z]ort port
        no  [^P]ORT port
        yes [^A-O]ORT port
        no  [M-N]* port
        yes PORT* port
        no  PART* port
        """#

    private static let recorded = #"""
        no  [ a
        no  [ [
        no  [] a
        no  [] ]
        yes [^] a
        yes [^ a
        yes [a a
        no  [a b
        yes [a- a
        yes [a- -
        no  [a- b
        no  [a-] -
        yes [a-] a
        yes [a-] ]
        yes [a-] ^
        yes [a-] _
        no  [a-]x ]x
        yes [z-a] c
        yes [z-a] z
        no  [b-y] a
        yes [b-y] y
        yes \ \
        no  \ a
        yes a\ a\
        yes [\ \
        no  [\] \
        yes [\] ]
        yes [\]] ]
        yes [a\-z] -
        no  [a\-z] c
        no  [\a-z] c
        no  [!a] b
        yes [!a] !
        no  [[:alpha:]] a
        yes [[:alpha:]] a]
        yes [é-ÿ] ð
        no  [a-ÿ] z
        no  [a-ÿ] ð
        yes [a-ÿ] B
        yes [ÿ-a] B
        yes [^a-c d
        no  [^a-c b
        yes [a-c b
        no  [abc bx
        yes [abc b
        yes a*[b ab
        yes a[bc ab
        yes **a** xxaxx
        yes ** a
        yes * a
        yes ? a
        no  ? ab
        yes ?? ab
        no  []a] a]
        no  []a] a
        no  [^^] ^
        yes [^^] a
        yes \* *
        no  \* a
        yes \? ?
        yes \[ [
        yes \a a
        yes *\ ab\
        yes [-a] -
        yes [a-a] a
        yes [--a] .
        no  [\\-a] ]
        no  [a-\]] b
        no  [a-\z] b
        yes [a-\z] z
        yes [a-\z] _
        yes h?llo hello
        no  h?llo hllo
        yes h*llo heeeello
        yes h*llo hllo
        no  h[ae]llo hillo
        no  h[^e]llo hello
        yes h[a-b]llo hbllo
        yes *a*b*c* xxaxxbxxcxx
        no  *a*b*c* xxbxxaxxcxx
        no  a* ba
        yes *a ba
        no  *a ab
        yes *aab aaaab
        yes *.txt* a.tx.txt
        yes a*** a
        yes ***a a
        no  a?* a
        no  A a
        no  [A] a
        no  ^ac[a-a baaa
        no  \*b*-a[a b^\]a
        no  *??a\ bbab
        no  b\\c]a? \[a^aa
        no  b-?a\ c]^-
        no  b--\ bab^a
        no  *??\c--b[ aabab
        no  ba\b*? b^bba
        no  b\*a? ]b^
        no  --bba*[ bbbb\b
        no  bb\] ^aaa-
        no  b[?* b^
        no  [ab[\a*^ aabab
        no  *b*\ babbab
        no  ]\[cb a
        no  ][a?\ aab
        no  \]]c*c* aa
        no  *[* ]
        no  ]\\a-\ \\a
        no  \]a\?- a
        no  b*ab\? a
        no  \*]**ca*a b^
        no  ?[? bac
        no  *^*\***- -
        no  ?*b^\\a? aaab
        no  ba\?*-b- ]
        no  babc?aa\ -b
        no  **b\a baaaa
        no  *[bb*\]c \aa
        no  [a-*?a -\b\bb
        no  \\*?\ ba
        no  ?a-b^*\ cbbab
        no  \-^b*[*** --aa-b
        no  --[ baba^
        no  [b]a -cba
        no  a\b? [a
        no  ]c*[b**- ]
        no  ?\ a
        no  *a*?*\ aa
        no  ^\*c] baa[b
        no  c[ \aa^[a
        no  \]a?\]*^ bacab
        no  a?[ab*b ba^b
        no  \*-[b-* abcbba
        no  -][?* bbb\ac
        yes [[^*[^*a* a
        yes *[^c b
        yes *[ba aba
        yes *[?b-\ bb^[a
        yes *[b ]bbabb
        yes [\ab??] b
        yes *[a[ babca
        yes *?\ ab\
        yes *[**a* aa
        yes [a*a^b\ a
        yes *[acc^*a\ aaac-\
        yes *[bab-\ aba\
        yes *[*^?b?aa \b
        yes [??[- -
        yes ^[ab?b? ^b
        yes *[b??*?* [aab
        yes *\ ccb-a\
        yes -[ac-]*b] -c
        yes *[?*a a
        yes *\b bab
        yes \-***? -^
        yes [^a?*a** ]
        yes \b b
        yes *[*aa baa
        yes *[aabba -a
        yes *[*bbb baaab
        yes [ba a
        yes *ab*\^ bab^
        yes *\ abab\
        yes *\ ]abb\
        yes [b b
        yes *[^* b-baa
        yes \b*** babca
        yes ?*?*[a-^b ^bb\a
        yes [[a[b b
        yes [bac?a\ b
        yes a[aa aa
        yes *\a a
        yes **[b* a[[]b
        yes *[?bb? b
        yes [??b***\] b
        yes [bca*] a
        yes [*ab\[ a
        yes *[*b]**? -bcb
        yes *[bbaca b\baa
        """#
}

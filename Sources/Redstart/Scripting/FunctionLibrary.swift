internal import Lua

/// One function of a library, as it registered itself.
final class LibraryFunction: Named {
    /// Its name in small letters: functions are found in whatever case.
    let name: [UInt8]
    let hash: UInt64
    var next: LibraryFunction?
    /// Its name as it was registered.
    let shownName: [UInt8]
    let description: [UInt8]?
    let flags: ScriptFlags
    let callback: LuaReference

    init(name: [UInt8], description: [UInt8]?, flags: ScriptFlags, callback: LuaReference, hash: KeyHash) {
        self.name = name.map(\.lowercased)
        self.hash = self.name.withBytes { hash($0) }
        shownName = name
        self.description = description
        self.flags = flags
        self.callback = callback
    }
}

/// A library: its code, and the functions that the code registered when it was loaded.
final class FunctionLibrary {
    let name: [UInt8]
    let code: [UInt8]
    private(set) var functions: [LibraryFunction] = []

    init(name: [UInt8], code: [UInt8]) {
        self.name = name
        self.code = code
    }

    func add(_ function: LibraryFunction) { functions.append(function) }

    func contains(_ name: [UInt8]) -> Bool { functions.contains { $0.shownName == name } }

    /// About what it takes in memory, in bytes, apart from what Lua holds.
    var memory: Int {
        functions.reduce(FunctionLibrary.overhead + name.count + code.count) {
            $0 + FunctionLibrary.overhead + 2 * $1.name.count + ($1.description?.count ?? 0)
        }
    }

    private static let overhead = 112
}

/// All libraries, in the order in which they were loaded, and their functions by name.
struct FunctionLibraries {
    private(set) var all: [FunctionLibrary] = []
    private var table = NameTable<LibraryFunction>()
    private let hash: KeyHash
    /// About what the libraries take, in bytes.
    private(set) var memory = 0
    /// The same as INFO tells it: with what holds them even if there are none.
    var shownMemory: Int { 192 + memory }

    init(hash: KeyHash) { self.hash = hash }

    var functionCount: Int { all.reduce(0) { $0 + $1.functions.count } }

    /// The function of a name, in whatever case.
    func function(_ name: Bytes) -> LibraryFunction? {
        for index in 0..<name.count where name[index] &- 65 < 26 {
            return Array(name).map(\.lowercased).withBytes { table.find($0, hash($0)) }
        }
        return table.find(name, hash(name))
    }

    func library(_ name: Bytes) -> FunctionLibrary? { all.first { name == $0.name } }

    /// Adds a library. Where two functions' names are the same but for the case, the first is found.
    mutating func add(_ library: FunctionLibrary) {
        all.append(library)
        memory += library.memory
        for function in library.functions where table.find(function) == nil { table.insert(function) }
    }

    mutating func remove(_ library: FunctionLibrary) {
        all.removeAll { $0 === library }
        memory -= library.memory
        for function in library.functions where table.find(function) === function { table.remove(function) }
    }

    mutating func removeAll() {
        all = []
        memory = 0
        table.removeAll()
    }
}

extension NameTable {
    /// The element of another one's name.
    fileprivate func find(_ other: Element) -> Element? { other.name.withBytes { find($0, other.hash) } }
}

/// The first line of a library, `#!lua name=…`.
struct LibraryHeader {
    let name: [UInt8]
    /// The code behind the line, with the line break that ends it: so that lines have their numbers.
    let code: Bytes

    init(_ source: Bytes) throws(ReplyError) {
        guard source.hasPrefix(Bytes("#!")) else { throw .libraryWithoutHeader }
        // The line ends at its first zero byte, too, and is none then.
        let line = source.upToZero
        guard let end = line.firstIndex(of: 10), let words = QuotedWords.split(line[0..<end]),
            let engine = words.first
        else { throw .invalidLibraryHeader }
        var name: [UInt8]?
        for word in words.dropFirst() {
            let isName = word.count >= 5 && word.withBytes { $0[0..<5].matches("name=") }
            guard isName else {
                throw word.withBytes { ReplyError("ERR Invalid metadata value given: ", quoting: $0, "") }
            }
            guard name == nil else { throw .repeatedLibraryName }
            name = Array(word.dropFirst(5))
        }
        guard let name else { throw .libraryWithoutName }
        guard LibraryHeader.isName(name) else { throw .invalidFunctionName }
        guard engine.withBytes({ $0.matches("#!lua") }) else {
            throw ReplyError(bytes: Array("ERR Engine '".utf8) + engine.dropFirst(2) + Array("' not found".utf8))
        }
        self.name = name
        code = source[end..<source.count]
    }

    /// Whether a library or a function may be called so.
    static func isName(_ name: [UInt8]) -> Bool {
        !name.isEmpty && name.allSatisfy { $0.lowercased &- 97 < 26 || $0 &- 48 < 10 || $0 == UInt8(ascii: "_") }
    }
}

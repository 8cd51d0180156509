import Foundation

/// The repository that the tests were built from.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The paths of the files below a folder, relative to the root, sorted. Hidden ones and what tools made are left
    /// out.
    static func files(below folder: String) -> [String] {
        let start = root.appendingPathComponent(folder)
        guard let paths = FileManager.default.enumerator(at: start, includingPropertiesForKeys: [.isRegularFileKey])
        else { return [] }
        var files: [String] = []
        for case let file as URL in paths {
            let parts = file.pathComponents.dropFirst(root.pathComponents.count)
            let isGenerated = parts.contains { $0.hasPrefix(".") || $0 == "__pycache__" || $0 == "node_modules" }
            let isFile = (try? file.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile ?? false
            if isFile, !isGenerated { files.append(parts.joined(separator: "/")) }
        }
        return files.sorted()
    }

    /// The text of a file, empty where it is none.
    static func text(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: root.appendingPathComponent(path).path) else { return "" }
        return String(bytes: data, encoding: .utf8) ?? ""
    }

    /// What is at the top of the repository, hidden files left out.
    static var topLevel: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }
}

import Testing
@testable import ElkStorage

import ElkTestSupport
import Testing

@testable import ElkGateway

@Suite struct WalletStateTests {
    private func filled(_ amount: Int64) -> WalletState {
        var wallet = WalletState(slices: 100...1_000)
        wallet.leased("a", remaining: amount, added: amount, wanted: amount, now: 0)
        return wallet
    }

    private func draw(_ wallet: inout WalletState, _ amount: Int64, now: Int64 = 0, expires: Int64 = 1_000) -> UInt64? {
        if case .held(let id, isLow: _) = wallet.draw(amount, now: now, leaseIsValid: true, expires: expires) {
            return id
        }
        return nil
    }

    @Test func `a draw takes what is there and not more`() {
        var wallet = filled(100)
        #expect(draw(&wallet, 60) != nil)
        #expect(draw(&wallet, 41) == nil)
        #expect(draw(&wallet, 40) != nil)
        #expect(wallet.available == 0)
    }

    @Test func `a closed hold frees what it did not cost, once`() throws {
        var wallet = filled(100)
        let id = try #require(draw(&wallet, 60))
        #expect(wallet.close(id, cost: 20) == WalletState.Closed(lease: "a", wasOpen: true))
        #expect(wallet.available == 80)
        wallet.wrote(lease: "a", cost: 20, remaining: 80)
        #expect(wallet.available == 80)
    }

    @Test func `a lost answer makes it poorer, never richer, until the next one`() throws {
        var wallet = filled(100)
        let id = try #require(draw(&wallet, 60))
        _ = wallet.close(id, cost: 20)
        // The write was carried out, its answer lost; then money is leased.
        wallet.leased("a", remaining: 130, added: 50, wanted: 50, now: 0)
        #expect(wallet.available == 110)
        wallet.wrote(lease: "a", cost: 20, remaining: nil)
        #expect(wallet.available == 110)
        wallet.leased("a", remaining: 140, added: 10, wanted: 10, now: 0)
        #expect(wallet.available == 140)
    }

    @Test func `a lease that is gone takes its holds out of the count`() throws {
        var wallet = filled(100)
        let id = try #require(draw(&wallet, 60))
        wallet.dropLease()
        #expect(draw(&wallet, 1) == nil)
        wallet.leased("b", remaining: 50, added: 50, wanted: 100, now: 0)
        #expect(wallet.available == 50)
        #expect(wallet.close(id, cost: 30) == WalletState.Closed(lease: "a", wasOpen: true))
        #expect(wallet.available == 50)
        wallet.wrote(lease: "a", cost: 30, remaining: nil)
        #expect(wallet.available == 50)
    }

    @Test func `a hold past its time frees its money and still pays in the end`() throws {
        var wallet = filled(100)
        let id = try #require(draw(&wallet, 60, expires: 500))
        #expect(wallet.expire(now: 499) == 0)
        #expect(wallet.expire(now: 500) == 1)
        #expect(wallet.available == 100 && wallet.openHolds == 0)
        #expect(wallet.close(id, cost: 30) == WalletState.Closed(lease: "a", wasOpen: false))
        #expect(wallet.available == 70)
    }

    @Test func `nothing is drawn from a lease that may have gone back`() {
        var wallet = filled(100)
        #expect(wallet.draw(1, now: 0, leaseIsValid: false, expires: 1) == .short)
    }

    @Test func `a refusal of the database is believed for a second`() {
        var wallet = filled(10)
        #expect(wallet.draw(20, now: 0, leaseIsValid: true, expires: 1) == .short)
        wallet.foundDry(now: 0)
        #expect(wallet.draw(20, now: 999, leaseIsValid: true, expires: 1) == .refused)
        #expect(wallet.draw(20, now: 1_000, leaseIsValid: true, expires: 1) == .short)
        wallet.foundDry(now: 1_000)
        wallet.forgetDryness()
        #expect(wallet.draw(20, now: 1_001, leaseIsValid: true, expires: 1) == .short)
    }

    @Test func `slices grow while more is needed often and are small after a rest`() {
        var wallet = WalletState(slices: 100...350)
        #expect(wallet.refill(waiting: 0, now: 0) == 100)
        #expect(wallet.refill(waiting: 0, now: 10) == 200)
        #expect(wallet.refill(waiting: 40, now: 20) == 390)
        wallet.leased("a", remaining: 390, added: 390, wanted: 390, now: 20)
        #expect(wallet.idleReturn(now: 1_000, after: 5_000) == nil || wallet.available == 0)
        wallet.returned(lease: "a", amount: 390)
        #expect(wallet.available == 0)
    }

    @Test func `an amount on its way back cannot be drawn`() {
        var wallet = filled(100)
        let idle = wallet.idleReturn(now: 10_000, after: 5_000)
        #expect(idle?.amount == 100)
        #expect(draw(&wallet, 1) == nil)
        #expect(wallet.idleReturn(now: 20_000, after: 5_000) == nil)
        wallet.returned(lease: "a", amount: 100)
        #expect(wallet.available == 0)
    }

    @Test func `amounts at the edge of 64 bits do not trap`() throws {
        var wallet = WalletState(slices: 100...Int64.max)
        wallet.leased("a", remaining: .max, added: .max, wanted: .max, now: 0)
        let ids = (0..<3).compactMap { _ in draw(&wallet, Int64.max / 4) }
        #expect(ids.count == 3)
        for id in ids { _ = wallet.close(id, cost: .max) }
        #expect(wallet.available < 0)
        #expect(wallet.refill(waiting: Int128(Int64.max) * 8, now: 0) == .max)
        #expect(wallet.expire(now: .max) == 0)
    }
}

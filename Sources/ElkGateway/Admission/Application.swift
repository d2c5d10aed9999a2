import ElkStorage
import ElkWire

/// A call that has passed everything but the balance: what it has taken so far is given back by `withdraw`, or goes into a hold.
struct Application {
    enum Obstacle: Error {
        case refused
        case short(Wallet)
    }

    let access: Access
    let terms: Hold.Terms
    let amount: Money
    private let settlement: Settlement
    private let readings: KeyMeter.Readings
    private var backing = Hold.Backing()

    /// Takes a place in the queue, one in the key's limits and the key's budget; throws with none of them taken.
    init(access: Access, terms: Hold.Terms, amount: Money, settlement: Settlement) throws(Failure) {
        self.access = access
        self.terms = terms
        self.amount = amount
        self.settlement = settlement
        guard settlement.takeSeat() else { throw .full }
        var readings = KeyMeter.Readings()
        if let credential = access.credential, !credential.limits.isUnlimited {
            do throws(KeyMeter.Refusal) {
                readings = try credential.meter.enter(
                    tokens: terms.estimate.windowTokens,
                    limits: credential.limits,
                    now: terms.started
                )
            } catch {
                settlement.leaveSeat()
                throw Failure(error)
            }
            backing.meter = (credential.meter, credential.limits)
        }
        self.readings = readings
        backing.isPrepaid = access.account.wallet != nil
        if let budget = access.credential?.budget, amount.isPositive {
            do throws(KeyBudget.Refusal) {
                backing.budget = (budget, try budget.hold(amount, expires: terms.expires))
            } catch {
                withdraw()
                throw error == .exhausted ? .exhaustedKey : .insufficientBudget
            }
        }
    }

    /// Draws the hold from the wallet.
    func draw() -> Result<Ticket, Obstacle> {
        guard let wallet = access.account.wallet, amount.isPositive else { return .success(ticket(backing)) }
        switch wallet.draw(amount, now: terms.started, expires: terms.expires) {
        case .held(let id, let isLow):
            if isLow { settlement.bank.wantsRefill(wallet) }
            return .success(ticket(drawing: id, from: wallet))
        case .refused: return .failure(.refused)
        case .short: return .failure(.short(wallet))
        }
    }

    /// Whether the wallet has what the call may cost now; nothing is taken, and where it has to be filled that is asked for.
    var isAffordable: Bool {
        guard let wallet = access.account.wallet, amount.isPositive else { return true }
        switch wallet.draw(amount, now: terms.started, expires: terms.expires) {
        case .held(let id, _):
            _ = wallet.close(id, cost: .zero)
            return true
        case .refused: return false
        case .short:
            settlement.bank.wantsRefill(wallet)
            return false
        }
    }

    func ticket(drawing id: UInt64, from wallet: Wallet) -> Ticket {
        var backing = backing
        backing.wallet = (wallet, id)
        return ticket(backing)
    }

    private func ticket(_ backing: Hold.Backing) -> Ticket {
        let hold = Hold(terms, amount: amount, backing: backing, settlement: settlement)
        return Ticket(access: access, hold: hold, readings: readings)
    }

    /// Everything back, and the failure to throw.
    func refused(_ failure: Failure) -> Failure {
        withdraw()
        return failure
    }

    func withdraw() {
        if let (budget, id) = backing.budget { budget.close(id, cost: .zero) }
        if let (meter, limits) = backing.meter {
            meter.undo(
                entered: terms.started,
                tokens: terms.estimate.windowTokens,
                limits: limits,
                now: settlement.time.now
            )
        }
        settlement.leaveSeat()
    }
}

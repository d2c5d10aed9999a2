import Testing

@testable import ElkVoice

@Suite struct SpokenNumbersTests {
    private func said(_ text: String) -> String { SpokenEnglish.words(of: text) }

    @Test(arguments: [
        ("$5-$10", "five to ten dollars"),
        ("$10–20", "ten to twenty dollars"),
        ("$1.2M-$1.5M", "one point two million to one point five million dollars"),
        ("£5-£6", "five to six pounds"),
        ("$5.50-$6.50", "five dollars and fifty cents to six dollars and fifty cents"),
        ("$1,000.50/month", "one thousand dollars and fifty cents per month"),
        ("$25/hr", "twenty five dollars per hour"),
        ("US$100", "one hundred US dollars"),
        ("HK$50", "fifty hong kong dollars"),
        ("$20/month/user", "twenty dollars per month per user"),
        ("$9.99/mo", "nine dollars and ninety nine cents per month"),
        ("-$5 and $-5", "minus five dollars and minus five dollars"),
        ("$100+", "one hundred dollars plus"),
        ("€10/kg", "ten euros per kilogram"),
        ("5€, 5 € and 5$", "five euros , five euros and five dollars"),
        ("$5 - $10, 5 km – 10 km", "five to ten dollars , five to ten kilometers"),
        ("50¢, 500₹", "fifty cents , five hundred rupees"),
        ("5 $10 notes", "five ten dollars notes"),
        ("$1, $1 million", "one dollar , one million dollars"),
    ])
    func moneyIsSaidWithItsCurrency(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test(arguments: [
        ("1½ cups", "one and a half cups"), ("¾ cup", "three quarters cup"), ("2⅓, ⅔", "two and a third , two thirds"),
        ("1⅛, ⅜, ⅝ and ⅞", "one and an eighth , three eighths , five eighths and seven eighths"),
        ("1 1/2 hours", "one and a half hours"), ("1 ½", "one and a half"), ("4½-inch", "four and a half inch"),
    ])
    func fractionsStandBehindTheWhole(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test(arguments: [
        (
            "1,234 and 1,234,567.5",
            "one thousand two hundred thirty four and one million two hundred thirty four thousand five hundred sixty seven point five"
        ),
        ("1,2,3,4", "one , two , three , four"), ("1,5 liters", "one comma five liters"),
        ("3,14", "three comma one four"), ("100,20,3", "one hundred , twenty , three"),
        ("1 000 000 people", "one million people"), ("10 000", "ten thousand"),
        ("12 345 people", "twelve three hundred forty five people"),
    ])
    func commasAndSpacesPartThousandsOnlyWhereThereAreThreeDigits(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test(arguments: [
        ("9 AM, 10:30 PM", "nine AM , ten thirty PM"), ("at 9 a.m. sharp", "at nine AM sharp"),
        ("9:00 am", "nine AM"), ("10 a.m.-5 p.m.", "ten AM to five PM ."), ("9-11am", "nine to eleven AM"),
        ("9:30am–10pm", "nine thirty AM to ten PM"),
        ("12:30:45", "twelve thirty forty five"), ("9:00 - 17:30", "nine o'clock to seventeen thirty"),
    ])
    func timesHaveLetters(written: String, spoken: String) {
        #expect(said(written) == spoken)
        #expect(
            SpokenEnglish.tokens(of: written).allSatisfy { if case .capitals = $0 { false } else { true } }
        )
    }

    @Test(arguments: [
        ("10 km-long road", "ten kilometer long road"), ("100 km/h", "one hundred kilometers per hour"),
        ("5 GB/s, then", "five gigabytes per second , then"), ("5 km/liter", "five kilometers per liter"),
        ("50 mph-limit", "fifty mile per hour limit"), ("$2 million/year", "two million dollars per year"),
        ("$5 million-dollar deal", "five million dollar deal"), ("$5-a-day", "five dollars a day"),
        ("10 m/s", "ten meters per second"), ("100/day", "one hundred per day"),
    ])
    func nothingBehindAUnitIsLost(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test(arguments: [
        ("the 21st-century 3rd-party tool", "the twenty first century third party tool"),
        ("1990s–2000s", "nineteen nineties to two thousands"), ("the '90s", "the nineties"),
        ("mid-1990s", "mid nineteen nineties"), ("1st-3rd", "first to third"), ("1.5s", "one point five seconds"),
    ])
    func ordinalsAndDecadesStandInCompounds(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test(arguments: [
        ("5G, 4K and 5M users", "five g , four k and five million users"), ("20ºC", "twenty degrees celsius"),
        ("5g, 5m, 10k", "five grams , five meters , ten thousand"), ("10-20%", "ten to twenty percent"),
        ("5 m², 2 km³", "five square meters , two cubic kilometers"), ("64 MiB", "sixty four mebibytes"),
        ("x² + 5³", "x squared plus five cubed"),
        ("100 Mbps", "one hundred megabits per second"), ("1 lb and 2 lbs", "one pound and two pounds"),
    ])
    func unitsKeepTheirCase(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }

    @Test(arguments: [
        ("24/7, 9/11, 50/50", "twenty four seven , nine eleven , fifty fifty"),
        (
            "9223372036854775807/9",
            "nine two two three three seven two zero three six eight five four seven seven five eight zero seven nine"
        ),
        ("50-50", "fifty fifty"), ("120/80", "one hundred twenty over eighty"),
        ("3:1 and 16:9", "three to one and sixteen to nine"),
        ("127.0.0.1:8080", "one hundred twenty seven dot zero dot zero dot one colon eight zero eight zero"),
        ("2024/01/15", "january fifteenth twenty twenty four"),
        ("15/1/2024", "january fifteenth twenty twenty four"),
        ("5 - 3", "five minus three"), ("2010 - 2015", "twenty ten to twenty fifteen"),
        ("+1-555-123-4567", "plus one five five five one two three four five six seven"),
    ])
    func numbersHaveTheirShapes(written: String, spoken: String) {
        #expect(said(written) == spoken)
    }
}

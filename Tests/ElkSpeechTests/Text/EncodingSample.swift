/// A text with the ids that tiktoken gives for it with the two published vocabularies.
struct EncodingSample: Sendable {
    let text: String
    let multilingual: [Int]
    let english: [Int]

    private init(_ text: String, multilingual: String, english: String) {
        self.text = text
        self.multilingual = multilingual.split(separator: " ").compactMap { Int($0) }
        self.english = english.split(separator: " ").compactMap { Int($0) }
    }

    static let all: [EncodingSample] = [
        .init("", multilingual: "", english: ""),
        .init(" ", multilingual: "220", english: "220"),
        .init("  ", multilingual: "220 220", english: "220 220"),
        .init("   x", multilingual: "220 220 2031", english: "220 220 2124"),
        .init("a  b", multilingual: "64 220 272", english: "64 220 275"),
        .init("a \n b", multilingual: "64 220 198 272", english: "64 220 198 275"),
        .init("\n\n", multilingual: "198 198", english: "628"),
        .init("\tx", multilingual: "197 87", english: "197 87"),
        .init("x\t", multilingual: "87 197", english: "87 197"),
        .init(" \u{a0}x", multilingual: "220 126 254 87", english: "220 1849 87"),
        .init("\u{3000}\u{3000}x", multilingual: "756 222 756 222 87", english: "5099 222 5099 222 87"),
        .init(
            "x\r\n\r\ny  ",
            multilingual: "87 201 198 201 198 88 220 220",
            english: "87 201 198 201 198 88 220 220"
        ),
        .init("Hello, world!", multilingual: "15947 11 1002 0", english: "15496 11 995 0"),
        .init(" the tone of the day", multilingual: "264 8027 295 264 786", english: "262 8216 286 262 1110"),
        .init(
            "I'm you're we've he'd she'll it's don't",
            multilingual: "40 478 291 434 321 600 415 1116 750 603 309 311 500 380",
            english: "40 1101 345 821 356 1053 339 1549 673 1183 340 338 836 470"
        ),
        .init(
            "I'M YOU'RE DON'T",
            multilingual: "40 6 44 7928 6 3850 20403 6 51",
            english: "40 6 44 7013 6 2200 23917 6 51"
        ),
        .init(
            "'s't'x 'til rock 'n' roll",
            multilingual: "311 380 6 87 922 20007 3727 922 77 6 3373",
            english: "338 470 6 87 705 47163 3881 705 77 6 4836"
        ),
        .init("dogs' 's", multilingual: "42008 6 922 82", english: "22242 6 705 82"),
        .init("’s it’s", multilingual: "913 247 82 309 913 247 82", english: "447 247 82 340 447 247 82"),
        .init("1234567890", multilingual: "4762 18 8465 22452 23 7771", english: "10163 2231 30924 3829"),
        .init(
            "3.14159 and 2,000,000",
            multilingual: "18 13 7271 5211 24 293 568 11 1360 11 1360",
            english: "18 13 1415 19707 290 362 11 830 11 830"
        ),
        .init("in 1969 at 10:45", multilingual: "259 32090 412 1266 25 8465", english: "259 16450 379 838 25 2231"),
        .init(
            "x86_64 v2.0-rc1",
            multilingual: "87 22193 62 19395 371 17 13 15 12 81 66 16",
            english: "87 4521 62 2414 410 17 13 15 12 6015 16"
        ),
        .init(
            "½ ² Ⅷ ٣٤ 一二",
            multilingual: "126 121 1815 110 672 227 100 1447 96 149 97 26923 11217",
            english: "23141 1587 110 2343 227 100 18923 96 149 97 220 31660 12859 234"
        ),
        .init(
            "100% of $5 & €7",
            multilingual: "6879 4 295 1848 20 3693 17450 22",
            english: "3064 4 286 720 20 1222 10432 22"
        ),
        .init("C++/C#", multilingual: "34 25472 14 34 2", english: "34 4880 14 34 2"),
        .init(
            "http://a.b/c?d=e&f=g#h",
            multilingual: "357 83 79 21492 64 13 65 14 66 30 67 28 68 5 69 28 70 2 71",
            english: "4023 1378 64 13 65 14 66 30 67 28 68 5 69 28 70 2 71"
        ),
        .init(
            "((( [[x]] {{y}} <<z>>",
            multilingual: "7 7 7 542 58 87 60 60 10929 90 88 29464 47425 89 893",
            english: "19510 7 16410 87 11907 22935 88 11709 9959 89 4211"
        ),
        .init("♪♪ la la ♪", multilingual: "26130 635 635 931", english: "17992 103 17992 103 8591 8591 20724 103"),
        .init("--> -- ---", multilingual: "918 29 1350 32470", english: "46904 1377 11420"),
        .init(
            "Ça va très bien, où est l'été ?",
            multilingual: "27707 64 2773 5732 3610 11 9068 871 287 6 21210 2506",
            english: "127 229 64 46935 491 14064 82 275 2013 11 267 127 117 1556 300 6 25125 2634 5633"
        ),
        .init(
            "Größe und Straße",
            multilingual: "20038 973 11451 674 43817",
            english: "8642 9101 39683 68 3318 15195 39683 68"
        ),
        .init(
            "El niño comió piñas",
            multilingual: "17356 42307 395 7138 3895 32448",
            english: "9527 37628 31329 401 72 10205 31028 12654 292"
        ),
        .init(
            "Привет, как дела?",
            multilingual: "43971 31259 11 3014 46157 30",
            english: "140 253 21169 18849 38857 16843 20375 11 12466 118 16142 31583 12466 112 16843 30143 "
                + "16142 30"
        ),
        .init(
            "今日は良い天気ですね。",
            multilingual: "43791 33950 1764 6135 25870 14277 1543",
            english: "20015 232 33768 98 31676 164 231 107 18566 25465 36365 245 30640 33623 2515 255 16764"
        ),
        .init(
            "你好,世界!",
            multilingual: "26410 11 24486 0",
            english: "19526 254 25001 121 11 10310 244 45911 234 0"
        ),
        .init(
            "안녕하세요 여러분",
            multilingual: "49200 12831 15377 14707",
            english: "168 243 230 167 227 243 47991 246 168 226 116 168 248 242 23821 245 105 167 253 105 167 "
                + "114 226"
        ),
        .init(
            "สวัสดีครับ",
            multilingual: "13715 7643 5981 13715 9345 6033 21916 5981 10196",
            english: "19567 103 19567 100 19567 109 19567 103 19567 242 19567 113 19567 226 19567 96 19567 109 "
                + "19567 248"
        ),
        .init(
            "नमस्ते दुनिया",
            multilingual: "35082 48521 45938 27099 36158 21981 8485 99 8703 223 35082 33279 48268 17937",
            english: "11976 101 11976 106 11976 116 24231 235 11976 97 24231 229 28225 99 24231 223 11976 101 "
                + "11976 123 11976 107 48077"
        ),
        .init(
            "مرحبا بالعالم",
            multilingual: "29973 5016 3555 995 20666 3615 45340",
            english: "25405 26897 148 255 39848 12919 17550 101 23525 44690 23525 25405"
        ),
        .init(
            "שלום עולם",
            multilingual: "43911 17333 7535 39383",
            english: "50227 40010 27072 147 251 14360 95 27072 40010 147 251"
        ),
        .init(
            "Γειά σου Κόσμε",
            multilingual: "138 241 6452 3849 43455 19233 41292 9104",
            english: "138 241 30950 29945 138 105 18074 225 26517 139 227 7377 248 139 234 38392 34703 30950"
        ),
        .init(
            "Việt Nam đất nước",
            multilingual: "41093 21931 10684 2934 12436 30728",
            english: "38432 157 119 229 83 17871 34754 239 157 118 98 83 299 130 108 157 119 249 66"
        ),
        .init(
            "မင်္ဂလာပါ",
            multilingual: "157 222 247 157 222 226 157 222 118 157 222 117 157 222 224 157 222 250 157 222 105 157 "
                + "222 243 157 222 104",
            english: "157 222 247 157 222 226 157 222 118 157 222 117 157 222 224 157 222 250 157 222 105 157 "
                + "222 243 157 222 104"
        ),
        .init(
            "e\u{301}a\u{300} n\u{303}",
            multilingual: "68 32797 64 136 222 297 136 225",
            english: "68 136 223 64 136 222 299 136 225"
        ),
        .init("\u{301}x", multilingual: "32797 87", english: "136 223 87"),
        .init(
            "👍\u{1f3fd} 👨\u{200d}👩\u{200d}👧\u{200d}👦 \u{1f1eb}\u{1f1f7}",
            multilingual: "31017 235 4222 237 121 36276 101 913 235 31017 102 913 235 31017 100 913 235 31017 99 "
                + "7385 229 104 4222 229 115",
            english: "41840 235 8582 237 121 50169 101 447 235 41840 102 447 235 41840 100 447 235 41840 99 "
                + "12520 229 104 8582 229 115"
        ),
        .init("a😀b", multilingual: "64 13125 222 65", english: "64 47249 222 65"),
        .init(
            "\u{200b}\u{200d}x\u{feff}",
            multilingual: "3134 913 235 87 171 119 123",
            english: "9525 447 235 87 171 119 123"
        ),
        .init("\u{0}\u{1}\u{7f}", multilingual: "188 189 221", english: "188 189 221"),
        .init("\u{fffd} \u{fffe}", multilingual: "5342 220 5341 122", english: "4210 27332 123 122"),
        .init(
            "ﬁ ℌ 𝔘 ａｂｃ",
            multilingual: "171 105 223 672 226 234 42244 242 246 25072 121 223 171 121 224 171 121 225",
            english: "171 105 223 2343 226 234 220 47728 242 246 27332 121 223 171 121 224 171 121 225"
        ),
        .init(
            "ʼn ªº ǅ",
            multilingual: "134 120 77 1815 103 27244 220 131 227",
            english: "134 120 77 1587 103 36165 220 131 227"
        ),
        .init(
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            multilingual: "16425 16425 16425 16425 16425 16425 16425 16425 64",
            english: "24794 24794 24794 24794 24794 24794 24794 24794 64"
        ),
        .init("=================", multilingual: "2945 2945 2945 2945 2945 2945 2945 2945 28", english: "4770 28"),
        .init(
            "<|endoftext|><|0.00|>",
            multilingual: "27 91 3999 844 3828 91 29986 91 15 13 628 91 29",
            english: "27 91 437 1659 5239 91 6927 91 15 13 405 91 29"
        ),
        .init(
            " Kubernetes, PostgreSQL, Anthropic, GPT-4o",
            multilingual: "23145 11 10223 33248 39934 11 12727 39173 11 26039 51 12 19 78",
            english: "12554 527 3262 274 11 2947 47701 11 32898 291 11 402 11571 12 19 78"
        ),
        .init(
            "And so my fellow Americans, ask not what your country can do for you",
            multilingual: "5289 370 452 7177 6280 11 1029 406 437 428 1941 393 360 337 291",
            english: "1870 523 616 5891 3399 11 1265 407 644 534 1499 460 466 329 345"
        ),
    ]
}

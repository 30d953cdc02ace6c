/// Texts that an attacker puts into a user agent or a user name to harm the people who look at it.
public enum HostileText {
  /// A hundred different strings.
  public static let all: [String] = {
    var texts = terminal + invisible + markup
    let actors = texts
    var number = 0
    while texts.count < 100 {
      texts.append(
        "user\(number)" + actors[number % actors.count] + actors[(number * 7 + 3) % actors.count] + "end")
      number += 1
    }
    return texts
  }()

  /// Sequences that move the cursor, colour, rename, link, write to the clipboard, or begin and end a line.
  private static let terminal = [
    "\u{1B}[31mred", "\u{1B}[2J\u{1B}[H", "\u{1B}]0;title\u{7}",
    "\u{1B}]8;;https://example.org\u{1B}\\link\u{1B}]8;;\u{1B}\\",
    "\u{1B}]52;c;cm0gLXJmIC8=\u{7}", "\u{1B}P$q\u{1B}\\", "\u{9B}31m", "\u{9D}0;title\u{9C}", "\u{90}q\u{9C}",
    "\u{1B}[6n",
    "\u{1B}[?1049h", "\u{1B}c", "\u{8}\u{8}\u{8}", "\u{7}", "\0", "a\0b", "\u{7F}", "\r", "\n", "a\r\nb",
    "\u{B}", "\u{C}", "\t",
    "\u{85}", "\u{1}\u{2}\u{3}", "\u{E}\u{F}", "\u{1A}", "\u{1C}\u{1D}\u{1E}\u{1F}",
    "\nsluice: no problems", "\n{\"schema\":\"sluice.detection/1\"}",
  ]

  /// Characters that reverse text, hide in it, or are invisible.
  private static let invisible = [
    "\u{202E}gpj.exe", "\u{202D}x\u{202C}", "\u{2066}x\u{2069}", "\u{2067}\u{2068}", "\u{200E}\u{200F}",
    "\u{61C}", "\u{200B}",
    "\u{200C}\u{200D}", "\u{2060}", "\u{FEFF}", "\u{2028}", "\u{2029}", "\u{FFF9}a\u{FFFA}b\u{FFFB}",
    "\u{E0041}\u{E007F}", "\u{E000}",
    "\u{AD}", "\u{180E}", "\u{2061}\u{2064}", "\u{206A}\u{206F}", "\u{10FFFF}", "\u{FFFE}", "\u{1D173}",
    "e\u{301}\u{301}\u{301}",
  ]

  /// Text that a page, a spreadsheet, a shell or a query would interpret.
  private static let markup = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</textarea><svg/onload=alert(1)>",
    "&lt;b&gt;&amp;&#0;", "\"><a href=x>",
    "javascript:alert(1)", "=HYPERLINK(\"https://example.org\")", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1",
    "\r=1", "|=cmd", "a,b;c\"d",
    "'; DROP TABLE users; --", "$(id)", "`id`", "${jndi:ldap://example.org}", "{{7*7}}", "%0a%0d",
    "..\\..\\x", "../../etc/x", "\"", "\\",
    "\\u0041", "\\\\", "{\"a\":", "]]>", "%s%n",
  ]
}

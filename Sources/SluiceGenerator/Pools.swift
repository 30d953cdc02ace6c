/// The names of the synthetic world. Organizations and places exist; people do not.
enum Pools {
  /// First names as displayed and as written in a sign-in name.
  static let firstNames: [(shown: String, plain: String)] = [
    ("Olivia", "olivia"), ("Noah", "noah"), ("Emma", "emma"), ("Liam", "liam"), ("Ava", "ava"),
    ("James", "james"), ("Sophia", "sophia"), ("Lucas", "lucas"), ("Mia", "mia"), ("Ethan", "ethan"),
    ("Zoë", "zoe"), ("José", "jose"), ("Chloé", "chloe"), ("Jürgen", "juergen"), ("Søren", "soren"),
    ("Łukasz", "lukasz"), ("Ángela", "angela"), ("Yuki", "yuki"), ("Wei", "wei"), ("Priya", "priya"),
    ("Arjun", "arjun"), ("Fatima", "fatima"), ("Omar", "omar"), ("Ingrid", "ingrid"), ("Mateo", "mateo"),
    ("Camila", "camila"), ("Daniel", "daniel"), ("Hannah", "hannah"), ("Samuel", "samuel"),
    ("Grace", "grace"), ("Иван", "ivan"), ("美咲", "misaki"), ("Dimitra", "dimitra"), ("Tomás", "tomas"),
    ("Aoife", "aoife"), ("Björn", "bjorn"), ("Kateřina", "katerina"), ("Mehmet", "mehmet"),
    ("Abigail", "abigail"), ("Benjamin", "benjamin"),
  ]
  static let lastNames: [(shown: String, plain: String)] = [
    ("Smith", "smith"), ("Johnson", "johnson"), ("Nguyen", "nguyen"), ("García", "garcia"),
    ("Müller", "mueller"), ("Kowalski", "kowalski"), ("Rossi", "rossi"), ("Dubois", "dubois"),
    ("Novák", "novak"), ("Silva", "silva"), ("O'Brien", "obrien"), ("Hansen", "hansen"),
    ("Yılmaz", "yilmaz"), ("Patel", "patel"), ("Kim", "kim"), ("Tanaka", "tanaka"), ("Chen", "chen"),
    ("Okafor", "okafor"), ("Lindqvist", "lindqvist"), ("Pappas", "pappas"),
    ("Fernández", "fernandez"), ("Williams", "williams"), ("Brown", "brown"), ("Taylor", "taylor"),
    ("Andersson", "andersson"), ("de Vries", "devries"), ("Weiß", "weiss"), ("Horváth", "horvath"),
    ("Popescu", "popescu"), ("Murphy", "murphy"), ("Campbell", "campbell"), ("Reyes", "reyes"),
    ("Cohen", "cohen"), ("Haddad", "haddad"), ("Mbeki", "mbeki"), ("Sato", "sato"), ("Larsen", "larsen"),
    ("Moreau", "moreau"), ("Ferrari", "ferrari"), ("Petrov", "petrov"),
  ]
  static let domains = ["acme.example", "acme.example", "acme.example", "acme.test", "shop.test"]
  static let strangerDomains = ["gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "acme.example"]

  struct City {
    var name, state, country, postalCode, latitude, longitude: String
    var region: Int
  }

  static let cities: [City] = [
    city("San Francisco", "California", "United States", "94105", "37.7852", "-122.3874", 0),
    city("Ashburn", "Virginia", "United States", "20149", "39.0469", "-77.4903", 0),
    city("Atlanta", "Georgia", "United States", "30350", "33.9794", "-84.3459", 0),
    city("Chicago", "Illinois", "United States", "60602", "41.8835", "-87.6305", 0),
    city("Austin", "Texas", "United States", "78723", "30.3023", "-97.6914", 0),
    city("Seattle", "Washington", "United States", "98101", "47.6114", "-122.3305", 0),
    city("New York", "New York", "United States", "10013", "40.7202", "-74.0055", 0),
    city("Denver", "Colorado", "United States", "80202", "39.7525", "-104.9995", 0),
    city("Toronto", "Ontario", "Canada", "M5H", "43.6517", "-79.3835", 0),
    city("Montréal", "Quebec", "Canada", "H3B", "45.5029", "-73.5723", 0),
    city("London", "England", "United Kingdom", "EC2V", "51.5164", "-0.093", 1),
    city("Manchester", "England", "United Kingdom", "M1", "53.4809", "-2.2374", 1),
    city("Dublin", "Leinster", "Ireland", "D02", "53.3379", "-6.2591", 1),
    city("München", "Bavaria", "Germany", "80331", "48.1371", "11.5754", 1),
    city("Berlin", "Land Berlin", "Germany", "10117", "52.5170", "13.3889", 1),
    city("Paris", "Île-de-France", "France", "75001", "48.8620", "2.3460", 1),
    city("Amsterdam", "North Holland", "Netherlands", "1012", "52.3740", "4.8897", 1),
    city("Kraków", "Lesser Poland", "Poland", "31-042", "50.0614", "19.9383", 1),
    city("Madrid", "Madrid", "Spain", "28013", "40.4165", "-3.7026", 1),
    city("Stockholm", "Stockholm", "Sweden", "111 20", "59.3293", "18.0686", 1),
    city("Tokyo", "Tokyo", "Japan", "100-0001", "35.6850", "139.7514", 2),
    city("Singapore", "", "Singapore", "048616", "1.2897", "103.8501", 2),
    city("Sydney", "New South Wales", "Australia", "2000", "-33.8688", "151.209", 2),
    city("Bengaluru", "Karnataka", "India", "560001", "12.9634", "77.5855", 2),
    city("Mumbai", "Maharashtra", "India", "400001", "19.0748", "72.8856", 2),
    city("São Paulo", "São Paulo", "Brazil", "01000", "-23.5475", "-46.6361", 3),
    city("Monterrey", "Nuevo León", "Mexico", "64000", "25.6866", "-100.316", 3),
    city("Bogotá", "Bogota D.C.", "Colombia", "111711", "4.6097", "-74.0817", 3),
  ]

  private static func city(
    _ name: String, _ state: String, _ country: String, _ postalCode: String, _ latitude: String,
    _ longitude: String, _ region: Int
  ) -> City {
    City(
      name: name, state: state, country: country, postalCode: postalCode, latitude: latitude,
      longitude: longitude, region: region)
  }

  typealias Provider = (number: Int, organization: String, isp: String, domain: String)

  /// Access providers by region: North America, Europe, Asia and Pacific, Latin America.
  static let providers: [[Provider]] = [
    [
      (7018, "at&t corp.", "att services inc", "sbcglobal.net"),
      (7922, "comcast", "comcast cable", "comcast.net"),
      (701, "verizon", "verizon business", "verizon.net"), (20115, "charter", "spectrum", "charter.com"),
      (22773, "cox communications", "cox communications inc.", "cox.net"),
      (577, "bell canada", "bell canada", "bell.ca"),
    ],
    [
      (3320, "deutsche telekom ag", "deutsche telekom ag", "t-ipconnect.de"),
      (3215, "orange", "orange s.a.", "wanadoo.fr"),
      (2856, "bt", "bt package internet", "btcentralplus.com"),
      (6830, "liberty global", "liberty global b.v.", "upc.pl"),
      (12322, "free sas", "proxad / free sas", "proxad.net"),
      (1257, "tele2 sverige ab", "tele2 sverige ab", "tele2.se"),
    ],
    [
      (4713, "ntt communications", "ocn ntt communications", "ocn.ne.jp"),
      (55836, "reliance jio infocomm", "reliance jio", "jio.com"),
      (1221, "telstra corporation ltd", "telstra internet", "bigpond.com"),
      (9506, "singtel", "singtel fibre broadband", "singtel.com"),
    ],
    [
      (28573, "claro nxt", "claro s.a.", "claro.com.br"),
      (8151, "uninet s.a. de c.v.", "telmex", "prod-infinitum.com.mx"),
      (10620, "telmex colombia s.a.", "claro colombia", "cable.net.co"),
    ],
  ]
  static let hosting: [Provider] = [
    (9009, "m247 europe srl", "m247 ltd", "m247.com"), (16276, "ovh sas", "ovh sas", "ovh.net"),
    (14061, "digitalocean llc", "digitalocean llc", "digitalocean.com"),
    (24940, "hetzner online gmbh", "hetzner online gmbh", "your-server.de"),
    (136_787, "packethub s.a.", "packethub s.a.", "packethub.tech"),
    (51_167, "contabo gmbh", "contabo gmbh", "contaboserver.net"),
  ]

  typealias Agent = (raw: String, os: String, browser: String, device: String)

  static let webKit = "AppleWebKit/537.36 (KHTML, like Gecko)"
  static let agents: [Agent] = browsers + clients

  private static let browsers: [Agent] = (124...131).flatMap { version -> [Agent] in
    [
      (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webKit) Chrome/\(version).0.0.0 Safari/537.36",
        "Windows 10", "CHROME", "Computer"
      ),
      (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) \(webKit) Chrome/\(version).0.0.0 Safari/537.36",
        "Mac OS 14.4.1 (Sonoma)", "CHROME", "Computer"
      ),
      (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webKit) Chrome/\(version).0.0.0 Safari/537.36 "
          + "Edg/\(version).0.0.0", "Windows 10", "EDGE", "Computer"
      ),
      (
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:\(version).0) Gecko/20100101 Firefox/\(version).0",
        "Linux", "FIREFOX", "Computer"
      ),
    ]
  }

  private static let clients: [Agent] = [
    (
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        + "Version/17.5 Mobile/15E148 Safari/604.1", "iOS", "SAFARI", "Mobile"
    ),
    (
      "Mozilla/5.0 (Linux; Android 14; Pixel 8) \(webKit) Chrome/126.0.0.0 Mobile Safari/537.36",
      "Android 14", "CHROME", "Mobile"
    ),
    (
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        + "Version/17.4.1 Safari/605.1.15", "Mac OS 14.4.1 (Sonoma)", "SAFARI", "Computer"
    ),
    // An agent with quotes and a backslash, which the line escapes.
    (
      #"Mozilla/5.0 (Windows NT 10.0; Win64; x64; "ACME Build 7") \#(webKit) Chrome/126.0.0.0 Safari/537.36"#,
      "Windows 10", "CHROME", "Computer"
    ),
    (#"AcmeKiosk/2.1 (C:\Program Files\Acme\kiosk.exe)"#, "Windows 10", "UNKNOWN", "Computer"),
    ("okta-sdk-java/15.0.0 java/17.0.9 Linux/5.15.0-94-generic", "Linux", "UNKNOWN", "Unknown"),
    (
      "D2DOktaVerify/9.10.2 (com.okta.mobile; build:1; iOS 17.5.1) DeviceSDK/1.4.4", "iOS", "UNKNOWN",
      "Mobile"
    ),
  ]
  static let attackAgents: [Agent] = [
    ("python-requests/2.31.0", "Unknown", "UNKNOWN", "Unknown"),
    ("Go-http-client/1.1", "Unknown", "UNKNOWN", "Unknown"),
    (
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webKit) HeadlessChrome/119.0.6045.105 Safari/537.36",
      "Windows 10", "CHROME", "Computer"
    ),
    (#"Mozilla/5.0 "quoted" (X11; Linux x86_64) curl/8.4.0"#, "Linux", "UNKNOWN", "Computer"),
  ]

  static let applications = [
    "Salesforce.com", "Google Workspace", "Microsoft Office 365", "Slack", "Zoom", "Workday", "ServiceNow",
    "GitHub Enterprise Cloud", "Atlassian Cloud", "AWS IAM Identity Center", "Box", "DocuSign",
    "Zscaler Private Access", "Palo Alto GlobalProtect", "Okta Dashboard", "Okta Admin Console",
    "Snowflake", "Tableau Cloud", "Concur & Expense", "Figma", "Notion", "PagerDuty", "Datadog", "Miro",
  ]
  static let groups = [
    "Everyone", "Engineering", "Sales - EMEA", "Sales - Americas", "Finance", "People & Culture",
    "Contractors", "VPN-Users", "AWS-ReadOnly", "Support Tier 2",
  ]
}

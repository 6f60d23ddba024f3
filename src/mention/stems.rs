//! The words that tell talk about attacks from attacks, by what they say and in which language.

use super::talk::Sign;

/// Beginnings of words in lower case, apart by `|`. Those of verbs and of [`Sign::Reader`] are whole words. Where words are
/// written without blanks, or with particles before them, they may stand anywhere in one.
pub(super) const STEMS: &[(Sign, &str)] = &[
    // English, and alike elsewhere
    (
        Sign::Attack,
        "adversar|attac|circumvent|criminal|exfiltrat|exploit|fraud|hacker|inject|jailbr|malicious|manipul|\
         payload|phishing|scam|threat|trick|untrusted|vulnerab",
    ),
    // German
    (
        Sign::Attack,
        "angreif|angriff|betrüg|eingeschleust|einschleus|schadcode|sicherheitslück|täusch|unbekannt|überlist",
    ),
    // French
    (Sign::Attack, "arnaqu|attaqu|détourn|escroc|faille|malveillant|piratage|pirate inf|pirates inf|tromp"),
    // Spanish, Portuguese, Italian
    (
        Sign::Attack,
        "ataca|ataque|engan|engañ|estaf|ingann|iniezion|injeç|inyecci|malintencionad|malintenzionat|raggir|truff",
    ),
    // Dutch
    (Sign::Attack, "aanval|onbekende|bedrieg|kwaadwillend|kwetsba|misbruik|misleid|oplicht"),
    // Polish
    (Sign::Attack, "atak|nakłon|nadużyc|oszuk|oszus|podatno|wstrzyk|wyłudz|złośliw"),
    // Russian
    (Sign::Attack, "атак|взлом|вредонос|злоумышл|инъекц|мошен|обман|подмен|уязвим"),
    // Turkish
    (Sign::Attack, "dolandır|enjeksiyon|istismar|kandır|kötü niyet|saldır"),
    // Chinese
    (Sign::Attack, "攻击|注入|漏洞|脆弱|越狱|骗过|诱导|恶意|诈骗|黑客|钓鱼|操纵"),
    // Japanese
    (Sign::Attack, "インジェクション|攻撃|悪意|悪用|欺|騙|詐欺|手口|ハッカー|フィッシング"),
    // Korean
    (Sign::Attack, "공격|인젝션|취약|악성|악의|속인|속이|사기|해커|탈옥|피싱"),
    // Arabic
    (Sign::Attack, "هجوم|هجم|مهاجم|خبيث|احتيال|خدع|خداع|ثغر|حقن|تلاعب"),
    // Hindi
    (Sign::Attack, "हमल|धोख|हैकर|जेलब्रेक"),
    // English, and alike elsewhere
    (
        Sign::Defence,
        "block|classif|countermeasure|declin|defen|detec|detek|filter|filtr|guardrail|mitig|moderat|not instruct|refus|\
         prevent|prohibit|protec|proteg|regex|reject|saniti|scan|suspicio",
    ),
    // German
    (
        Sign::Defence,
        "abgelehnt|ablehn|abwehr|erkann|erkenn|fehlalarm|klassifik|schutz|verbiet|verhinder|gewarnt|warnt |\
         warnung",
    ),
    // French
    (Sign::Defence, "bloqu|empêch|interdi|refus |refusé|refuse d|reconna|repér|signale"),
    // Spanish, Portuguese, Italian
    (
        Sign::Defence,
        "avis|avvis|blocc|impedi|impid|prohíb|proíb|recha|reconhec|reconoc|recus|riconosc|rifiut|rilev|vieta",
    ),
    // Dutch
    (Sign::Defence, "geblokkeerd|herken|verbied|voorkom|waarschu|weiger"),
    // Polish
    (Sign::Defence, "blok|klasyfik|odmow|odmaw|odmów|ostrze|rozpozn|wykry|zabrani|zapobie"),
    // Russian
    (Sign::Defence, "блокир|запрещ|защит|классифик|обнаруж|отказ|предупре|распозн|фильтр"),
    // Turkish
    (Sign::Defence, "algıla|engel|reddet|reddedil|sınıflandır|tanıy|tespit|uyar|yasak"),
    // Chinese
    (Sign::Defence, "对策|检测|识别|拦|过滤|拒绝|禁止|防|警告|提醒|分类器|屏蔽"),
    // Japanese
    (Sign::Defence, "対策|検証|検出|検知|遮断|拒否|禁じ|注意喚起|分類器|認識|フィルタ|ブロック"),
    // Korean
    (Sign::Defence, "방어|탐지|차단|거절|거부|금지|경고|보안|분류기|필터|막으|막지|막는"),
    // Arabic
    (Sign::Defence, "حظر|رفض|كشف|منع|تحذير|تنبيه|حماية|مصنف|مرشح|حجب"),
    // Hindi
    (Sign::Defence, "रोक|इनकार|मना कर|पहचान|चेतावनी|ब्लॉक|फ़िल्टर|फिल्टर"),
    // English, and alike elsewhere
    (
        Sign::Study,
        "abstract|advisory|article|chapter|cve-|cvss|exercise|lecture|literature|llm01|mitre|newspaper|novel|\
         owasp|paper|quiz|research|security|student|survey|tutorial|workshop",
    ),
    // German
    (
        Sign::Study,
        "artikel|forsch|informatik|kapitel|einen roman|im roman|der roman|schüler|sicherheitsm|sicherheitsh|\
         sicherheitst|studie |studien|unterricht|vorlesung|vortrag|zeitung|übung",
    ),
    // French
    (
        Sign::Study,
        "chapitre|notre charte|la charte|cherch|cours |étud|exercice|exposé|le journal|du journal|leçon|livre|\
         un roman|le roman|élève",
    ),
    // Spanish, Portuguese, Italian
    (
        Sign::Study,
        "alumn|alunn|articol|artigo|artícul|aula|capitol|capítul|charla|curso |ejercici|esercizi|exercíci|\
         giornal|investigad|jornal|lezion|livro|libro|palestra|periódic|reglament|ricerc|romanzo|segurança|\
         seguridad|sicurezza",
    ),
    // Dutch
    (Sign::Study, "cursus|hoofdstuk|krant|leerling|lezing|oefening|onderzoek|veiligheidsm"),
    // Polish
    (Sign::Study, "artykuł|badacz|badan|gazet|lekcj|powieś|rozdział|szkoleni|uczeń|uczni|wykład|ćwiczen"),
    // Russian
    (Sign::Study, "газет|исследова|роман|стать|упражнен|урок|ученик"),
    // Turkish
    (Sign::Study, "alıştırma|araştırma|bölüm|ders|güvenlik|konuşma|makale|öğrenci|bir roman"),
    // Chinese
    (Sign::Study, "研究|练习|演讲|章|小说|报纸|报道|课|论文|文章|教材|安全"),
    // Japanese
    (Sign::Study, "講演|講義|授業|練習問題|小説|新聞|記事|論文|セキュリティ"),
    // Korean
    (Sign::Study, "연구|강연|강의|수업|소설|신문|기사|논문|교재|장은"),
    // Arabic
    (Sign::Study, "باحث|بحث|محاضر|تمرين|فصل|رواية|صحيفة|درس|دورة|مقال|طالب"),
    // Hindi
    (Sign::Study, "शोध|अभ्यास|अध्याय|अख़बार|अखबार|लेख|पाठ्य|छात्र|कक्षा|सुरक्षा"),
    // English, and alike elsewhere
    (
        Sign::Test,
        "annotat|assert|benchmark|benign|bug report|changelog|corpus|dataset|describe(|evaluat|expect|\
         false positive|label|pytest|red team|release note|reproduc|test",
    ),
    // German
    (Sign::Test, "erwartet|fehlerbericht|reproduzier|änderungsprotokoll"),
    // French
    (Sign::Test, "anomalie|attendu"),
    // Spanish, Portuguese, Italian
    (Sign::Test, "atteso|esperado|plano de|plan de prueb|plantilla|prova|prueba|soporte|suporte"),
    // Dutch
    (Sign::Test, "foutmelding|klantenservice|standaardantwoord|versienot|verwacht"),
    // Polish
    (Sign::Test, "lista zmian|oczekiwan|szablon|zgłoszen"),
    // Russian
    (Sign::Test, "изменени|ожидаем|сообщение об ошибке|тест|шаблон|поддержк"),
    // Turkish
    (Sign::Test, "beklenen|deneme|destek|hata|sürüm notlar|şablon"),
    // Chinese
    (Sign::Test, "测试|预期|更新日志|问题反馈|话术|客服|复现"),
    // Japanese
    (Sign::Test, "テスト|期待|更新履歴|不具合|サポート|再現"),
    // Korean
    (Sign::Test, "시험|테스트|기대 결과|변경 내역|오류 신고|상담|재현"),
    // Arabic
    (Sign::Test, "اختبار|متوقع|بلاغ|خلل|دعم"),
    // Hindi
    (Sign::Test, "परीक्षण|अपेक्षित|त्रुटि|सहायता"),
    // English, and alike elsewhere
    (
        Sign::Report,
        "ask|attempt|call|contain|e.g.|example|following|includ|instance|like|line|message|past|phras|post|\
         prompt|quot|read|repl|said|say|sentence|such as|technique|tell|text|told|translat|type|typing|\
         variant|word|wrote",
    ),
    // German
    (Sign::Report, "beispiel|gebe|lautet|meld|sagt|satz|schreib|steht|wort |worten|eingabe"),
    // French
    (Sign::Report, "alerte|dit|écri|l'expression|intitul|mot |mots |saisi|tournure|demande"),
    // Spanish, Portuguese, Italian
    (
        Sign::Report,
        "alerta|avviso |aviso |chiede|contien|dice |dicen|dicien|digita |digitar|diz|ejempl|escreve|escri|esempi|\
         exempl|expresion|expresión|expressão|expressões|espress|frase|pide|scriv|variaç|pedir|inserir",
    ),
    // Dutch
    (Sign::Report, "bijvoorbeeld|schrij|typ |typt |voer|vraagt|zegt|zin |zinnen|tekst"),
    // Polish
    (Sign::Report, "komunikat|mówi|napis|np.|pisz|przykład|wpis|zdani|zwrot"),
    // Russian
    (Sign::Report, "ввест|сообщени|говорит|например|написа|пиш|просит|слов|текст|фраз"),
    // Turkish
    (Sign::Report, "cümle|dedi |dediği|diye|gibi|ifade|kalıp|yaz|metin|örne|isterse"),
    // Chinese
    (Sign::Report, "之类|写|输入|显示|说|这句|字样|要求|改写"),
    // Japanese
    (Sign::Report, "といった|例|と書|と入力|という|言い回し|と表示|と頼"),
    // Korean
    (Sign::Report, "와 같은|고 말|고 써|고 요구|고 적|고 쓰|이라고|라고|라는|같은 표현|예를 들|적힌|문장|으라고"),
    // Arabic
    (Sign::Report, "عبارة|جملة|كتاب|كتب|مثل|يقول|نص|رسالة|أدخل|طلب"),
    // Hindi
    (Sign::Report, "वाक्य|लिख|जैसे|कह|संदेश|उदाहरण"),
    // English, and alike elsewhere
    (
        Sign::Order,
        "ai reading|applies to you|as if |assistant compl|assistant has to|assistant must|assistant reading|\
         dear assistant|from now on|go ahead|i hereby|i want|in effect|is not an attack|is now|my request|\
         on yourself|take effect|tell me|this assistant|this chat|this conversation|to yourself|works on you|\
         would do|you are the assistant|you are the model|you are the system|your actual|your answer|\
         your new inst|your new sys|your new task|your next|your own config|your own prompt|your own system|\
         your real|your reply|your response|your task|your true",
    ),
    // German
    (
        Sign::Order,
        "assistent muss|mach jetzt|mach es|assistent soll|antworte mit|antworte auf|antworte nur|antworte wie|\
         befolge|beantworte|deine antwort|führ es|führe|handle danach|handle genau|mach das|mach genau|setze das|\
         tu das|tu genau",
    ),
    // French
    (
        Sign::Order,
        "assistant doit|fais-le|faites-le|exécute|fais |faites ce|obéi|réponds|répondez|suis |suivez |ta réponse|\
         ta tâche|votre réponse",
    ),
    // Spanish, Portuguese, Italian
    (
        Sign::Order,
        "asistente debe|assistente deve|fallo |faça-o|haga |faz isso|fa esattamente|aja |applicala|applicalo|\
         cumpre|cumpla|cumple |debes|esegui|executa isso|executa o|execute isso|execute o |ejecuta|ejecute|\
         fa quello|faça |fai |haz |hazlo|obbedisc|obedec|responda|responde |rispondi|segui |siga |sigue |\
         sua resposta|tu respuesta",
    ),
    // Dutch
    (
        Sign::Order,
        "assistent moet|doe nu|doe het|doe dit|antwoord |beantwoord|doe dat|doe precies|doe wat|gehoorzaam|\
         jouw antwoord|jouw taak|voer dat|voer het|voer uit|volg ",
    ),
    // Polish
    (
        Sign::Order,
        "asystent musi|asystent ma |rób |odpowiedz|postępuj|słuchaj|wykonaj|zastosuj|zrób|twoja odpowiedź|\
         twoje zadanie",
    ),
    // Russian
    (Sign::Order, "ассистент долж|выполни|сделай|следуй|ответь|твой ответ"),
    // Turkish
    (
        Sign::Order,
        "asistanın uyması|bunu yap|aynen yap|asistan uymalı|cevabın|dediğini yap|görevin|uygula |yanıtla|\
         yerine getir",
    ),
    // Chinese
    (Sign::Order, "助手必须|助手应|这样做|照它|按照|照做|照此|现在请|请执行|执行它|遵循|服从|你的任务|你的回答"),
    // Japanese
    (
        Sign::Order,
        "従うべき|従わなければ|従うこと|そのとおり|従って|従え|実行せよ|実行して|その通り|答えて|あなたの回答",
    ),
    // Korean
    (
        Sign::Order,
        "따라야 하|따르시오|그대로 따|하라는 대로|따라 해|따르세요|따르라|실행해|실행하|그대로 해|너의 답|네 답",
    ),
    // Arabic
    (Sign::Order, "على المساعد|المساعد يجب|نفذ|نفّذ|اتبع|أطع|افعل|أجب|إجابتك|مهمتك|ردك"),
    // Hindi
    (Sign::Order, "सहायक को|ठीक वही|वैसा ही कर|पालन कर|अमल कर|जवाब दो|तुम्हारा जवाब|वही करो"),
    // English, and alike elsewhere
    (
        Sign::Verb,
        "act|adopt|answer|apply|become|behave|carry|complete|comply|confirm|demonstrate|disclose|do|evaluate|\
         execute|fill|follow|give|handle|imitate|interpret|launch|let|obey|output|paste|perform|play|predict|\
         pretend|print|proceed|process|produce|prove|repeat|reply|respond|reveal|run|say|show|simulate|start|\
         take|treat|trigger|use",
    ),
    // English, and alike elsewhere
    (Sign::Reader, "you|your|yourself"),
    // German
    (Sign::Reader, "du|dein|deine|deiner|deinem|deinen"),
    // French, Spanish, Italian, Portuguese
    (Sign::Reader, "ton|tes|toi|tú|tus|tuo|tua|tuoi|tue|você"),
    // Dutch, Polish, Turkish
    (Sign::Reader, "jij|jouw|twój|twoje|twoja|ciebie|senin|sana|seni"),
    // Russian
    (Sign::Reader, "твой|твои|твоя|тебе|тебя"),
    // Chinese, Japanese, Korean
    (Sign::Reader, "你|あなた|너는|너의|네가"),
    // Arabic, Hindi
    (Sign::Reader, "أنت|तुम|तू |तुझे"),
];

/* part_check: how a stranger checks the package, and what that shows and does not. */
#include "report_pages.h"

struct paragraph {
    const char *head, *zh, *en;
};

static const struct paragraph paragraphs[] = {
    {"1. 取得公钥 Get the public key", "从主管部门公告栏或网站取得公钥及其指纹；不要使用证据包内的公钥。",
     "From the authority's notice board or site, with its fingerprint; not from the package."},
    {"2. 核验证据包 Check the package",
     "sh verify.sh --key 公钥.pem 证据包.zip（需 POSIX shell、coreutils、sed、unzip、OpenSSL 3.0 "
     "以上），或在浏览器中打开 verify.html 并选择证据包。"
     "逐项核对：结构、每个文件的 "
     "SHA-256、签名、日志记录及其在日志中的位置、时间戳、审核状态、规则集、每条定位的哈希。",
     "sh verify.sh --key KEY.pem CASE.zip, or open verify.html in a browser and choose the package. It "
     "checks structure, the SHA-256 of each file, the signature, "
     "the record and its place in the log, time stamps, the review, the ruleset, and the hash of each fix."},
    {"3. 重新判定 Judge it again",
     "muckctl evidence verify --key 公钥.pem 证据包.zip：以包内定位和规则重新运行判定程序，逐字段比对结论。",
     "muckctl evidence verify --key KEY.pem CASE.zip runs the packaged fixes through the engine under the "
     "packaged rules, and compares field by field."},
    {"4. 核对本报告 Check this report",
     "每页下方的 SHA-256 应等于：grep -v 'data/report.pdf$' manifest-sha256.txt | "
     "sha256sum。二维码含案件编号、版次与该值。",
     "The SHA-256 at the foot of each page is that of the manifest without its line for this report; the QR "
     "code has the case, the edition and the same value."},
    {"这些核验说明什么 What this shows",
     "自封存之时起，定位原文、规则、判定、处理与审核记录未被改动；由所公布密钥的持有者签名；已记入只增不改的"
     "日志，日志检查点由他处保存，事后增删可被发现；依所列规则可重现同一判定。",
     "Since it was sealed nothing was changed of the fixes as sent, the rules, the finding, its handling and "
     "reviews; it was signed by whoever holds the published "
     "key; it stands in an append-only log, whose checkpoints others keep, so that what is added or removed "
     "later is found; and the rules give this finding again."},
    {"不能说明什么 What it does not show",
     "不能证明终端所报属实。定位误差、时钟误差见首页；终端被干扰、遮挡、拆改的判定（tamper、no_"
     "fix）单独列案。公安机关交通管理部门应依法审核后方可作为证据。",
     "It does not show that the unit told the truth: see the errors on the first page; findings about "
     "disturbed units (tamper, no_fix) are cases of their own. "
     "It has to be reviewed as the law says before it counts."},
};

void part_check(struct pages *p)
{
    pages_begin(p);
    double y = pages_heading(p, PAGE_TOP, "如何核验 How to check this");
    for (size_t i = 0; i < sizeof paragraphs / sizeof *paragraphs; i++) {
        y += pages_puts(p, PAGE_MARGIN, y, (struct page_text){10, true, 0x222222, PAGE_INNER, 1},
                        paragraphs[i].head) +
             2;
        y += pages_puts(p, PAGE_MARGIN, y, (struct page_text){9, false, 0x111111, PAGE_INNER, 6},
                        paragraphs[i].zh) +
             2;
        y += pages_puts(p, PAGE_MARGIN, y, (struct page_text){8.2, false, 0x444444, PAGE_INNER, 6},
                        paragraphs[i].en) +
             11;
    }
    buf_printf(&p->scratch,
               "规则集 ruleset (BLAKE2b-256 of data/world.json):\n%.*s\n字体 font: " REPORT_FONT ", %d.%03d",
               TEXT_ARG(case_field(p->f->last, "ruleset")), p->font.version >> 16,
               (p->font.version & 0xffff) * 1000 / 65536);
    pages_put_scratch(p, PAGE_MARGIN, y, (struct page_text){8, false, 0x333333, PAGE_INNER, 4});
    pages_end(p);
}

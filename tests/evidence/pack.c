/*
 * pack: a case of made-up cutting as a package, for the tests: what the keeper does behind the cutting, without its archive, store and clock.
 *
 *   pack world CONFIG                         the canonical world of a configuration
 *   pack case DIR OUT.zip [NAME=VALUE...]     DIR/data/... as entries; `seed` of the key (64 hex), `at` (ms), `edition`, `why`, `index` and `size` of the
 *                                             log, `signer` (another seed, which signs the manifests alone), `later` (a file: a proof in a log of twice the
 *                                             size), `papers=0`: without what is drawn, `first`: the seed of the log's first key
 */
#include "bag.h"
#include "city.h"
#include "file_text.h"
#include "json_tree.h"
#include "papers.h"
#include "public_pem.h"
#include "report.h"
#include "tlog_proof_text.h"
#include "tlog_secret.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

enum { BYTES_MAX = 1 << 30 };

static const char *option(int argc, char **argv, const char *name, const char *otherwise)
{
    size_t n = strlen(name);
    for (int i = 4; i < argc; i++)
        if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=')
            return argv[i] + n + 1;
    return otherwise;
}

static _Noreturn void stop(const char *why)
{
    fprintf(stderr, "pack: %s\n", why);
    exit(1);
}

/* What libraries of fonts keep until the process ends is no leak of ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\nleak:libcairo\nleak:libpango\nleak:libglib\n";
}

static struct arena arena;

static struct text kept(struct buf *b)
{
    struct text out;
    if (!buf_ok(b) || !arena_copy_text(&arena, buf_text(b), &out))
        stop("no memory");
    buf_clear(b);
    return out;
}

static struct text read_file(const char *path)
{
    struct buf b;
    struct problem problem;
    buf_init(&b, BYTES_MAX);
    if (!file_text_read(path, &b, &problem))
        stop(problem.text);
    struct text out = kept(&b);
    buf_fini(&b);
    return out;
}

static void add_folder(struct sealed_case *c, const char *root, const char *below)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", root, below);
    DIR *dir = opendir(path);
    if (dir == NULL)
        stop(path);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char name[800];
        struct stat st;
        struct text bag_path;
        if (e->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", below, e->d_name);
        snprintf(path, sizeof path, "%s/%s", root, name);
        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            add_folder(c, root, name);
            continue;
        }
        if (!arena_copy_text(&arena, text_of(name), &bag_path) || !sealed_add(c, bag_path, read_file(path)))
            stop("no memory");
    }
    closedir(dir);
}

/* ---- what the record says ---- */

static struct json_tree violation;

static struct text told(const struct json_node *revision, const char *name)
{
    const struct json_node *n = json_node_member(revision, name);
    return json_node_is(n, JSON_NODE_STRING) ? json_node_text(n) : TEXT("");
}

static void read_header(struct sealed_case *c)
{
    const struct sealed_entry *e = sealed_find(c, TEXT("data/violation.json"));
    if (e == NULL || json_tree_read(&violation, e->bytes, NULL) != JSON_TREE_OK)
        stop("data/violation.json");
    const struct json_node *revisions = json_node_member(violation.nodes, "revisions");
    const struct json_node *last = json_node_first(revisions);
    for (uint32_t i = 1; i < json_node_length(revisions); i++)
        last = json_node_next(last);
    c->header.id = told(last, "id");
    c->header.kind = told(last, "kind");
    c->header.vehicle = told(last, "vehicle");
    c->header.ruleset = told(last, "ruleset");
    c->header.rev = (uint32_t)text_whole(told(last, "rev"));
    c->header.start_ms = text_whole(told(last, "start"));
    c->header.end_ms = text_whole(told(last, "end"));
    c->header.withdrawn = text_equal(told(last, "event"), TEXT("withdrawn"));
    const struct sealed_entry *actions = sealed_find(c, TEXT("data/actions.jsonl"));
    struct buf b;
    buf_init(&b, BYTES_MAX);
    buf_put_text(&b, actions != NULL ? actions->bytes : TEXT(""));
    buf_put_char(&b, '\0');
    c->header.reviewed = strstr(b.data, "\"verdict\":\"approve\"") != NULL;
    c->header.rejected = strstr(b.data, "\"verdict\":\"reject\"") != NULL;
    buf_fini(&b);
}

/* ---- a log ---- */

struct log {
    struct text record;
    uint64_t index;
};

static bool hash_of(void *arg, unsigned level, uint64_t n, struct tlog_hash *out)
{
    const struct log *log = arg;
    struct tlog_hash left, right;
    char leaf[32];
    if (level == 0) {
        snprintf(leaf, sizeof leaf, "leaf %llu", (unsigned long long)n);
        tlog_leaf(n == log->index ? log->record : text_of(leaf), out);
        return true;
    }
    hash_of(arg, level - 1, 2 * n, &left);
    hash_of(arg, level - 1, 2 * n + 1, &right);
    tlog_node(&left, &right, out);
    return true;
}

struct signer {
    unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
};

static struct signer signer_of(const char *seed_hex)
{
    struct signer s;
    unsigned char seed[crypto_sign_SEEDBYTES];
    if (sodium_hex2bin(seed, sizeof seed, seed_hex, strlen(seed_hex), NULL, NULL, NULL) != 0)
        stop("seed");
    crypto_sign_seed_keypair(s.public, s.secret, seed);
    return s;
}

static void write_proof(const struct log *log, uint64_t size, const struct signer *signer, struct buf *out)
{
    struct tlog_tree tree = {hash_of, (void *)log};
    struct tlog_checkpoint checkpoint = {.origin = TEXT("muckwatch.example/evidence"),
                                         .head = {.size = size}};
    struct tlog_key key = {.name = checkpoint.origin};
    struct tlog_proof proof;
    struct buf note;
    memcpy(key.bytes, signer->public, sizeof key.bytes);
    if (!tlog_root(&tree, size, &checkpoint.head.root) ||
        !tlog_prove_inclusion(&tree, log->index, size, &proof))
        stop("log");
    buf_init(&note, BYTES_MAX);
    tlog_checkpoint_write(&checkpoint, &note);
    struct text signed_text = kept(&note);
    buf_put_text(&note, signed_text);
    buf_put_char(&note, '\n');
    tlog_sign(signed_text, &key, signer->secret, &note);
    tlog_proof_write(log->index, &proof, buf_text(&note), out);
    buf_fini(&note);
}

static void write_file(const char *path, struct text bytes)
{
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(bytes.data, 1, bytes.len, f) != bytes.len || fclose(f) != 0)
        stop(path);
}

/* The key; or the first one, and that it handed over. */
static void write_keys(const struct signer *signer, const char *first_seed, struct buf *out)
{
    const struct text name = TEXT("muckwatch.example/evidence");
    struct signer first = first_seed != NULL ? signer_of(first_seed) : *signer;
    struct tlog_key old = {.name = name}, now = {.name = name};
    memcpy(old.bytes, first.public, sizeof old.bytes);
    memcpy(now.bytes, signer->public, sizeof now.bytes);
    tlog_vkey_write(&old, out);
    buf_put_char(out, '\n');
    if (first_seed == NULL)
        return;
    buf_put_char(out, '\n');
    tlog_rotation_write(&old, first.secret, &now, signer->secret, out);
}

/* ---- a case ---- */

static void seal(struct sealed_case *c, const struct signer *signer, int argc, char **argv)
{
    struct buf b;
    struct log log = {.index = strtoull(option(argc, argv, "index", "5"), NULL, 10)};
    uint64_t size = strtoull(option(argc, argv, "size", "13"), NULL, 10);
    const char *later = option(argc, argv, "later", NULL);
    buf_init(&b, BYTES_MAX);
    if (!sealed_manifest(c, &b))
        stop("no memory");
    crypto_hash_sha256(c->header.manifest, (const unsigned char *)b.data, b.len);
    buf_clear(&b);
    public_pem_write(signer->public, &b);
    c->public_key = kept(&b);
    write_keys(signer, option(argc, argv, "first", NULL), &b);
    c->keys = kept(&b);
    if (c->header.edition > 0) {
        sealed_record_write(&c->header, &b);
        c->record = log.record = kept(&b);
        c->log_index = log.index;
        write_proof(&log, size, signer, &b);
        c->proof = kept(&b);
    }
    if (later != NULL) {
        write_proof(&log, 2 * size, signer, &b);
        write_file(later, buf_text(&b));
    }
    buf_fini(&b);
}

/* What is made of the entries; the report last, since it has the hash of all others. */
static void draw(struct sealed_case *c)
{
    struct case_facts facts;
    struct problem problem = {""};
    struct report_options options = {
        .issuer = TEXT("澜浦市城市管理行政执法支队"),
        .law = TEXT("《城市建筑垃圾管理规定》第十四条：处置建筑垃圾的单位在运输建筑垃圾时，应当随车携带建筑垃"
                    "圾处置核准文件，按照城市人民政府有关部门规定的"
                    "运输路线、时间运行，不得丢弃、遗撒建筑垃圾，不得超出核准范围承运建筑垃圾。")};
    struct buf b;
    buf_init(&b, BYTES_MAX);
    if (!case_facts_read(c, &facts, &problem) || !papers_add(c, &facts, &arena) ||
        !report_map_svg(&facts, &b))
        stop(problem.text);
    sealed_add(c, TEXT("data/map.svg"), kept(&b));
    if (!sealed_manifest(c, &b))
        stop("no memory");
    bag_data_digest(buf_text(&b), options.digest);
    buf_clear(&b);
    if (!report_pdf(&facts, &options, &b, &problem))
        stop(problem.text);
    sealed_add(c, TEXT(BAG_REPORT), kept(&b));
    buf_fini(&b);
    case_facts_fini(&facts);
}

static int make_case(int argc, char **argv)
{
    static const char seed[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    struct sealed_case c = {0};
    struct signer signer = signer_of(option(argc, argv, "seed", seed));
    struct signer hand = signer_of(option(argc, argv, "signer", option(argc, argv, "seed", seed)));
    unsigned char signature[crypto_sign_BYTES];
    struct buf out;
    char extra[1024];
    add_folder(&c, argv[2], "data");
    snprintf(extra, sizeof extra, "%s/proof", argv[2]);
    if (access(extra, F_OK) == 0)
        add_folder(&c, argv[2], "proof");
    read_header(&c);
    c.header.edition = (uint32_t)strtoul(option(argc, argv, "edition", "1"), NULL, 10);
    c.header.sealed_at_ms = strtoll(option(argc, argv, "at", "1778400000000"), NULL, 10);
    if (!sealed_why_find(text_of(option(argc, argv, "why", "closed")), &c.header.why))
        stop("why");
    if (strcmp(option(argc, argv, "papers", "1"), "1") == 0)
        draw(&c);
    c.software = TEXT("muckwatch tests\n");
    seal(&c, &signer, argc, argv);
    if (!bag_add_tags(&c, TEXT("muckwatch tests"), &arena))
        stop("no memory");
    struct text manifest = sealed_find(&c, TEXT(BAG_TAG_MANIFEST))->bytes;
    crypto_sign_detached(signature, NULL, (const unsigned char *)manifest.data, manifest.len, hand.secret);
    sealed_add(&c, TEXT(BAG_SIGNATURE), (struct text){(const char *)signature, sizeof signature});
    buf_init(&out, BYTES_MAX);
    if (!bag_write(&c, &out))
        stop("it has no room");
    write_file(argv[3], buf_text(&out));
    buf_fini(&out);
    sealed_fini(&c);
    return 0;
}

static int print_world(const char *config)
{
    struct names *names = names_new(CITY_NAMES_MAX);
    struct world_texts texts;
    struct city city;
    int code = city_open_beside(&city, names, "pack", config, &texts);
    if (code != 0)
        return code;
    fwrite(texts.canonical.data, 1, texts.canonical.len, stdout);
    world_texts_fini(&texts);
    city_fini_beside(&city);
    names_free(names);
    return 0;
}

int main(int argc, char **argv)
{
    if (sodium_init() < 0)
        return 1;
    arena_init(&arena);
    int code = 64;
    if (argc == 3 && strcmp(argv[1], "world") == 0)
        code = print_world(argv[2]);
    else if (argc >= 4 && strcmp(argv[1], "case") == 0)
        code = make_case(argc, argv);
    json_tree_fini(&violation);
    arena_fini(&arena);
    return code;
}

/*
 * report_font: the fonts of every report, made once in a process of the installed ones, and kept until it ends.
 *
 * The installed ones share the strokes of their 65,535 glyphs as subroutines, and cairo puts all of these into each file: 1.9 MB. Ours are the same glyphs with
 * nothing shared: the face of simplified Chinese alone, in two weights. They lie in memory files, which fontconfig reads as it reads any, and go by a name of
 * their own, so that none that is installed is taken in their stead. One thread draws.
 */
#define _GNU_SOURCE /* memfd_create */
#include "report_font.h"

#include "report_options.h"

#include <malloc.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fontconfig/fontconfig.h>
#include <hb-subset.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>

enum { FACE_MAX = 0xffff }; /* above it an index stands for an instance of a font that varies */
static const int weights[] = {FC_WEIGHT_REGULAR, FC_WEIGHT_BOLD};

struct installed {
    FcPattern *pattern;
    int version;
};

/* The newest of that weight. */
static struct installed newest(const FcFontSet *found, int weight)
{
    struct installed best = {NULL, 0};
    for (int i = 0; found != NULL && i < found->nfont; i++) {
        FcPattern *one = found->fonts[i];
        int its_weight, face, version;
        if (FcPatternGetInteger(one, FC_WEIGHT, 0, &its_weight) == FcResultMatch && its_weight == weight &&
            FcPatternGetInteger(one, FC_INDEX, 0, &face) == FcResultMatch && face <= FACE_MAX &&
            FcPatternGetInteger(one, FC_FONTVERSION, 0, &version) == FcResultMatch && version > best.version)
            best = (struct installed){one, version};
    }
    return best;
}

/* The face with all that its characters can become, and nothing shared; empty: it could not be made. */
static hb_blob_t *unshared(const FcPattern *installed)
{
    FcChar8 *path;
    int index;
    if (FcPatternGetString(installed, FC_FILE, 0, &path) != FcResultMatch ||
        FcPatternGetInteger(installed, FC_INDEX, 0, &index) != FcResultMatch)
        return hb_blob_get_empty();
    hb_blob_t *file = hb_blob_create_from_file((const char *)path), *out = hb_blob_get_empty();
    hb_face_t *face = hb_face_create(file, (unsigned)index), *made = NULL;
    hb_subset_input_t *wanted = hb_subset_input_create_or_fail();
    if (wanted != NULL) {
        hb_subset_input_set_flags(wanted, HB_SUBSET_FLAGS_DESUBROUTINIZE | HB_SUBSET_FLAGS_NOTDEF_OUTLINE);
        hb_face_collect_unicodes(face, hb_subset_input_unicode_set(wanted));
        made = hb_subset_or_fail(face, wanted);
    }
    if (made != NULL)
        out = hb_face_reference_blob(made);
    hb_face_destroy(made);
    hb_subset_input_destroy(wanted);
    hb_face_destroy(face);
    hb_blob_destroy(file);
    return out;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t wrote = write(fd, bytes, n);
        if (wrote <= 0)
            return false;
        bytes += wrote;
        n -= (size_t)wrote;
    }
    return true;
}

/* The file stays open: its name is that of the descriptor. */
static bool add_font(FcConfig *config, const FcPattern *installed)
{
    hb_blob_t *font = unshared(installed);
    unsigned length;
    const char *bytes = hb_blob_get_data(font, &length);
    int fd = memfd_create("report font", MFD_CLOEXEC);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    bool ok = fd >= 0 && length > 0 && write_all(fd, bytes, length) &&
              FcConfigAppFontAddFile(config, (const FcChar8 *)path) == FcTrue;
    if (!ok && fd >= 0)
        close(fd);
    hb_blob_destroy(font);
    return ok;
}

static void rename_fonts(FcConfig *config)
{
    FcFontSet *ours = FcConfigGetFonts(config, FcSetApplication);
    for (int i = 0; ours != NULL && i < ours->nfont; i++) {
        FcPatternDel(ours->fonts[i], FC_FAMILY);
        FcPatternAddString(ours->fonts[i], FC_FAMILY, (const FcChar8 *)REPORT_FONT_MADE);
    }
}

/* All that is installed, for what our family has no character for, and ours. */
static PangoFontMap *make_map(const FcFontSet *found, struct problem *out_problem)
{
    FcConfig *config = FcInitLoadConfigAndFonts();
    PangoFontMap *map = NULL;
    bool ok = config != NULL;
    for (size_t i = 0; ok && i < sizeof weights / sizeof weights[0]; i++)
        ok = add_font(config, newest(found, weights[i]).pattern);
    if (ok) {
        rename_fonts(config);
        map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    }
    if (map != NULL)
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map), config);
    else
        problem_set(out_problem, "the fonts of the reports could not be made of '" REPORT_FONT "'");
    if (config != NULL)
        FcConfigDestroy(config); /* the map has it as well */
    return map;
}

static FcFontSet *find_installed(void)
{
    FcPattern *wanted = FcPatternCreate();
    FcObjectSet *objects = FcObjectSetBuild(FC_FONTVERSION, FC_FILE, FC_INDEX, FC_WEIGHT, (char *)NULL);
    FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)REPORT_FONT);
    FcFontSet *found = FcFontList(NULL, wanted, objects);
    FcObjectSetDestroy(objects);
    FcPatternDestroy(wanted);
    return found;
}

/* 0, with the reason: a weight is not there. */
static int version_of(const FcFontSet *found, struct problem *out_problem)
{
    int version = 0;
    for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++) {
        struct installed one = newest(found, weights[i]);
        if (one.pattern == NULL) {
            problem_set(out_problem,
                        "the font family '" REPORT_FONT "' (Debian: fonts-noto-cjk) is not there, "
                        "regular and bold; another would show other forms of the characters");
            return 0;
        }
        version = one.version > version ? one.version : version;
    }
    return version;
}

int report_font_version(struct problem *out_problem)
{
    FcFontSet *found = find_installed();
    int version = version_of(found, out_problem);
    if (found != NULL)
        FcFontSetDestroy(found);
    return version;
}

struct report_font report_font(struct problem *out_problem)
{
    static struct report_font made;
    if (made.map != NULL)
        return made;
    FcFontSet *found = find_installed();
    int version = version_of(found, out_problem);
    PangoFontMap *map = version != 0 ? make_map(found, out_problem) : NULL;
    if (map != NULL)
        made = (struct report_font){map, version};
    if (found != NULL)
        FcFontSetDestroy(found);
    malloc_trim(0); /* making them took 60 MB, which drawing does not need */
    return made;
}

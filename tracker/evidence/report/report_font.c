/* report_font: whether the fonts are there, and which. */
#include "report_options.h"

#include <fontconfig/fontconfig.h>

int report_font_version(struct problem *out_problem)
{
    FcPattern *wanted = FcPatternCreate();
    FcObjectSet *objects = FcObjectSetBuild(FC_FONTVERSION, FC_FILE, (char *)NULL);
    FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)REPORT_FONT);
    FcFontSet *found = FcFontList(NULL, wanted, objects);
    int version = 0;
    for (int i = 0; found != NULL && i < found->nfont; i++) {
        int one = 0;
        if (FcPatternGetInteger(found->fonts[i], FC_FONTVERSION, 0, &one) == FcResultMatch && one > version)
            version = one;
    }
    if (version == 0)
        problem_set(out_problem, "the font family '" REPORT_FONT "' (Debian: fonts-noto-cjk) is not there; "
                                 "another would show other forms of the characters");
    if (found != NULL)
        FcFontSetDestroy(found);
    FcObjectSetDestroy(objects);
    FcPatternDestroy(wanted);
    return version;
}

/* part_map: the map, as large as a page has room. */
#include "map_scene.h"
#include "report_pages.h"

void part_map(struct pages *p)
{
    struct scene scene;
    pages_begin(p);
    double y = pages_heading(p, PAGE_TOP, "地图 Map");
    map_scene_draw(p->f, &scene);
    pages_scene(p, &scene, (PAGE_WIDTH - scene.width * 72 / 25.4) / 2, y + 2);
    if (scene.failed)
        p->scratch.failed = true;
    scene_fini(&scene);
    pages_end(p);
}

#include <muckwatch/coords.h>

#include <math.h>

#define PI 3.14159265358979323846
/* The ellipsoid of Krasovsky, 1940, which every published form of the offset uses. */
#define AXIS_M 6378245.0
#define ECC2   0.00669342162296594323

static bool in_china(struct mw_point p)
{
    return p.lat_deg >= 0.8293 && p.lat_deg <= 55.8271 && p.lon_deg >= 72.004 && p.lon_deg <= 137.8347;
}

static struct mw_point shift_at(struct mw_point p)
{
    double x = p.lon_deg - 105, y = p.lat_deg - 35, root = sqrt(fabs(x));
    double s = (20 * sin(6 * PI * x) + 20 * sin(2 * PI * x)) * 2 / 3;
    double north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + s +
                   (20 * sin(PI * y) + 40 * sin(PI * y / 3)) * 2 / 3 +
                   (160 * sin(PI * y / 12) + 320 * sin(PI * y / 30)) * 2 / 3;
    double east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + s +
                  (20 * sin(PI * x) + 40 * sin(PI * x / 3)) * 2 / 3 +
                  (150 * sin(PI * x / 12) + 300 * sin(PI * x / 30)) * 2 / 3;
    double lat = p.lat_deg * PI / 180, sine = sin(lat), m = 1 - ECC2 * sine * sine;
    return (struct mw_point){north * 180 / (PI * AXIS_M * (1 - ECC2) / (m * sqrt(m))),
                             east * 180 / (PI * AXIS_M / sqrt(m) * cos(lat))};
}

struct mw_point mw_coords_gcj02_from_wgs84(struct mw_point wgs84)
{
    if (!in_china(wgs84))
        return wgs84;
    struct mw_point shift = shift_at(wgs84);
    return (struct mw_point){wgs84.lat_deg + shift.lat_deg, wgs84.lon_deg + shift.lon_deg};
}

/* Iterates. Between two places the offset changes by less than 2 % of their distance, so each round gains
 * nearly two digits. */
struct mw_point mw_coords_wgs84_from_gcj02(struct mw_point gcj02)
{
    if (!in_china(gcj02))
        return gcj02;
    struct mw_point p = gcj02;
    for (int round = 0; round < 20; round++) {
        struct mw_point shift = shift_at(p);
        double lat = gcj02.lat_deg - shift.lat_deg, lon = gcj02.lon_deg - shift.lon_deg;
        bool settled = fabs(lat - p.lat_deg) < 1e-10 && fabs(lon - p.lon_deg) < 1e-10;
        p = (struct mw_point){lat, lon};
        if (settled)
            break;
    }
    return p;
}

struct mw_point mw_coords_bd09_from_gcj02(struct mw_point gcj02)
{
    if (!in_china(gcj02))
        return gcj02;
    double x = gcj02.lon_deg, y = gcj02.lat_deg, turn = PI * 3000 / 180;
    double z = sqrt(x * x + y * y) + 2e-5 * sin(y * turn);
    double angle = atan2(y, x) + 3e-6 * cos(x * turn);
    return (struct mw_point){z * sin(angle) + 0.006, z * cos(angle) + 0.0065};
}

/* The published inverse is wrong by up to 12 cm, so this one iterates like the one above. */
struct mw_point mw_coords_gcj02_from_bd09(struct mw_point bd09)
{
    if (!in_china(bd09))
        return bd09;
    struct mw_point p = {bd09.lat_deg - 0.006, bd09.lon_deg - 0.0065};
    for (int round = 0; round < 20; round++) {
        struct mw_point back = mw_coords_bd09_from_gcj02(p);
        double lat = bd09.lat_deg - back.lat_deg, lon = bd09.lon_deg - back.lon_deg;
        p = (struct mw_point){p.lat_deg + lat, p.lon_deg + lon};
        if (fabs(lat) < 1e-10 && fabs(lon) < 1e-10)
            break;
    }
    return p;
}

struct mw_point mw_coords_bd09_from_wgs84(struct mw_point wgs84)
{
    return mw_coords_bd09_from_gcj02(mw_coords_gcj02_from_wgs84(wgs84));
}

struct mw_point mw_coords_wgs84_from_bd09(struct mw_point bd09)
{
    return mw_coords_wgs84_from_gcj02(mw_coords_gcj02_from_bd09(bd09));
}

#include "predicate.h"

/* 3 ulp + 16 ulp squared: Shewchuk's bound for the first stage. */
#define ORIENT_BOUND 3.3306690738754716e-16
#define SPLITTER     134217729.0 /* 2^27 + 1 */

struct two {
    double hi, lo;
};

static struct two two_sum(double a, double b)
{
    double s = a + b, bv = s - a;
    return (struct two){s, (a - (s - bv)) + (b - bv)};
}

static struct two two_product(double a, double b)
{
    double p = a * b;
    double ca = SPLITTER * a, ah = ca - (ca - a), al = a - ah;
    double cb = SPLITTER * b, bh = cb - (cb - b), bl = b - bh;
    return (struct two){p, al * bl - (((p - ah * bh) - al * bh) - ah * bl)};
}

/* Adds one double to an expansion whose components grow and do not overlap. */
static int expansion_grow(double *e, int n, double b)
{
    for (int i = 0; i < n; i++) {
        struct two s = two_sum(b, e[i]);
        e[i] = s.lo;
        b = s.hi;
    }
    e[n] = b;
    return n + 1;
}

static double orient_exact(struct geo_xy a, struct geo_xy b, struct geo_xy c)
{
    const double factors[6][2] = {{a.x, b.y}, {-a.x, c.y}, {-c.x, b.y}, {-a.y, b.x}, {a.y, c.x}, {c.y, b.x}};
    double e[12];
    int n = 0;
    for (int i = 0; i < 6; i++) {
        struct two p = two_product(factors[i][0], factors[i][1]);
        n = expansion_grow(e, n, p.lo);
        n = expansion_grow(e, n, p.hi);
    }
    while (n > 1 && e[n - 1] == 0)
        n--;
    return e[n - 1];
}

double geo_orient(struct geo_xy a, struct geo_xy b, struct geo_xy c)
{
    double left = (a.x - c.x) * (b.y - c.y), right = (a.y - c.y) * (b.x - c.x);
    double det = left - right;
    double sum = (left < 0 ? -left : left) + (right < 0 ? -right : right);
    double bound = ORIENT_BOUND * sum;
    if (det > bound || det < -bound || sum == 0)
        return det; /* both products are 0, as when c is a or b: nothing was rounded */
    return orient_exact(a, b, c);
}

#include "peers.hpp"

#include <geos_c.h>

#include <s2/mutable_s2shape_index.h>
#include <s2/s2contains_point_query.h>
#include <s2/s2latlng.h>
#include <s2/s2lax_polygon_shape.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace
{
void complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void start_geos()
{
    static bool started = (initGEOS(complain, complain), true);
    (void)started;
}

GEOSGeometry *ring_of(const std::vector<mw_point> &points, bool line)
{
    GEOSCoordSequence *sequence = GEOSCoordSeq_create(static_cast<unsigned>(points.size()), 2);
    for (unsigned i = 0; i < points.size(); i++)
        GEOSCoordSeq_setXY(sequence, i, points[i].lon_deg, points[i].lat_deg);
    return line ? GEOSGeom_createLineString(sequence) : GEOSGeom_createLinearRing(sequence);
}

std::vector<mw_point> points_of(const City &city, const GEOSGeometry *ring)
{
    const GEOSCoordSequence *sequence = GEOSGeom_getCoordSeq(ring);
    unsigned size = 0;
    GEOSCoordSeq_getSize(sequence, &size);
    std::vector<mw_point> points(size);
    for (unsigned i = 0; i < size; i++) {
        double x, y;
        GEOSCoordSeq_getXY(sequence, i, &x, &y);
        points[i] = {city.centre.lat_deg + y, city.centre.lon_deg + x};
    }
    return points;
}

// In metres about the line's middle, where a buffer is round.
Rings buffered(const City &city, const Fence &fence)
{
    double lat = fence.points[fence.points.size() / 2].lat_deg;
    double lat_m = mw_distance_m({lat - 0.5, 0}, {lat + 0.5, 0}), lon_m = mw_distance_m({lat, 0}, {lat, 1});
    std::vector<mw_point> metres;
    for (mw_point p : fence.points) {
        metres.push_back(
            {(p.lat_deg - city.centre.lat_deg) * lat_m, (p.lon_deg - city.centre.lon_deg) * lon_m});
    }
    GEOSGeometry *line = ring_of(metres, true), *area = GEOSBuffer(line, fence.radius_m, 16);
    Rings rings{points_of(city, GEOSGetExteriorRing(area))};
    for (int i = 0; i < GEOSGetNumInteriorRings(area); i++)
        rings.push_back(points_of(city, GEOSGetInteriorRingN(area, i)));
    for (auto &ring : rings) {
        for (mw_point &p : ring) {
            p = {city.centre.lat_deg + (p.lat_deg - city.centre.lat_deg) / lat_m,
                 city.centre.lon_deg + (p.lon_deg - city.centre.lon_deg) / lon_m};
        }
    }
    GEOSGeom_destroy(area);
    GEOSGeom_destroy(line);
    return rings;
}

double signed_area(const std::vector<mw_point> &ring)
{
    double sum = 0;
    for (size_t i = 0; i + 1 < ring.size(); i++) {
        sum += (ring[i].lon_deg - ring[0].lon_deg) * (ring[i + 1].lat_deg - ring[0].lat_deg) -
               (ring[i].lat_deg - ring[0].lat_deg) * (ring[i + 1].lon_deg - ring[0].lon_deg);
    }
    return sum;
}

class S2Peer : public Peer
{
  public:
    explicit S2Peer(const std::vector<Rings> &fences)
    {
        for (const Rings &rings : fences) {
            std::vector<std::vector<S2Point>> loops;
            for (size_t r = 0; r < rings.size(); r++) {
                std::vector<S2Point> loop;
                for (size_t i = 0; i + 1 < rings[r].size(); i++)
                    loop.push_back(S2LatLng::FromDegrees(rings[r][i].lat_deg, rings[r][i].lon_deg).ToPoint());
                if ((signed_area(rings[r]) > 0) == (r > 0))
                    std::reverse(loop.begin(), loop.end());
                loops.push_back(std::move(loop));
            }
            index_.Add(std::make_unique<S2LaxPolygonShape>(loops));
        }
        index_.ForceBuild();
        query_.Init(&index_, S2ContainsPointQueryOptions(S2VertexModel::CLOSED));
    }

    void ask(mw_point p, std::vector<uint32_t> &out) override
    {
        query_.VisitContainingShapes(
            S2LatLng::FromDegrees(p.lat_deg, p.lon_deg).ToPoint(),
            [&](S2Shape *shape) {
                out.push_back(static_cast<uint32_t>(shape->id()));
                return true;
            });
    }

    size_t memory_bytes() const override
    {
        return index_.SpaceUsed();
    }

  private:
    MutableS2ShapeIndex index_;
    S2ContainsPointQuery<MutableS2ShapeIndex> query_;
};

class GeosPeer : public Peer
{
  public:
    explicit GeosPeer(const std::vector<Rings> &fences)
    {
        start_geos();
        tree_ = GEOSSTRtree_create(10);
        point_ = nullptr;
        for (const Rings &rings : fences) {
            std::vector<GEOSGeometry *> holes;
            for (size_t r = 1; r < rings.size(); r++)
                holes.push_back(ring_of(rings[r], false));
            GEOSGeometry *polygon = GEOSGeom_createPolygon(ring_of(rings[0], false), holes.data(),
                                                           static_cast<unsigned>(holes.size()));
            polygons_.push_back(polygon);
            prepared_.push_back(GEOSPrepare(polygon));
        }
        for (size_t i = 0; i < polygons_.size(); i++)
            GEOSSTRtree_insert(tree_, polygons_[i], reinterpret_cast<void *>(i));
    }

    ~GeosPeer() override
    {
        GEOSSTRtree_destroy(tree_);
        for (size_t i = 0; i < polygons_.size(); i++) {
            GEOSPreparedGeom_destroy(prepared_[i]);
            GEOSGeom_destroy(polygons_[i]);
        }
    }

    void ask(mw_point p, std::vector<uint32_t> &out) override
    {
        point_ = GEOSGeom_createPointFromXY(p.lon_deg, p.lat_deg);
        out_ = &out;
        GEOSSTRtree_query(tree_, point_, visit, this);
        GEOSGeom_destroy(point_);
    }

    size_t memory_bytes() const override
    {
        return 0;
    }

  private:
    static void visit(void *item, void *self)
    {
        auto *peer = static_cast<GeosPeer *>(self);
        size_t i = reinterpret_cast<size_t>(item);
        if (GEOSPreparedIntersects(peer->prepared_[i], peer->point_) == 1)
            peer->out_->push_back(static_cast<uint32_t>(i));
    }

    GEOSSTRtree *tree_;
    GEOSGeometry *point_;
    std::vector<GEOSGeometry *> polygons_;
    std::vector<const GEOSPreparedGeometry *> prepared_;
    std::vector<uint32_t> *out_ = nullptr;
};
} // namespace

std::vector<Rings> outlines(const City &city)
{
    start_geos();
    std::vector<Rings> all;
    for (const Fence &fence : city.fences)
        all.push_back(fence.kind == MW_SHAPE_POLYGON ? Rings{fence.points} : buffered(city, fence));
    return all;
}

std::unique_ptr<Peer> make_s2(const std::vector<Rings> &outlines)
{
    return std::make_unique<S2Peer>(outlines);
}

std::unique_ptr<Peer> make_geos(const std::vector<Rings> &outlines)
{
    return std::make_unique<GeosPeer>(outlines);
}

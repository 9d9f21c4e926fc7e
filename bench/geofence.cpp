// bench geofence [--no-peers] [fences...]: cost of the geofence engine beside S2 and GEOS, in one run.
//
// Every question is asked of the same fixes in the same order; the best of several rounds counts, since
// everything else on the machine can only add. CPU time of this thread, not the clock on the wall.
#include "peers.hpp"
#include "workload.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>

namespace
{
double cpu_s()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double best_ns(size_t questions, int rounds, const std::function<void()> &ask)
{
    double best = 1e9;
    for (int round = 0; round < rounds; round++) {
        double start = cpu_s();
        ask();
        best = std::min(best, (cpu_s() - start) * 1e9 / static_cast<double>(questions));
    }
    return best;
}

mw_index *build(const City &city, double *out_s)
{
    double start = cpu_s();
    mw_builder *builder = mw_builder_new();
    for (const Fence &fence : city.fences) {
        mw_part part{fence.points.data(), static_cast<uint32_t>(fence.points.size()), false};
        mw_shape shape{fence.kind, &part, 1, fence.radius_m};
        mw_shape_error error{};
        if (mw_builder_add(builder, &shape, nullptr, &error) != MW_OK) {
            fprintf(stderr, "fence refused: %s\n", mw_shape_problem_text(error.problem));
            exit(1);
        }
    }
    mw_index *index = nullptr;
    if (mw_builder_build(builder, &index) != MW_OK) {
        fprintf(stderr, "no memory\n");
        exit(1);
    }
    mw_builder_free(builder);
    *out_s = cpu_s() - start;
    return index;
}

// Differences farther than this from a border are errors.
constexpr double border_m = 0.5;

size_t disagreements(const mw_index *index, Peer &peer, const std::vector<mw_point> &fixes, size_t count)
{
    std::vector<uint32_t> ours(4096), theirs, apart;
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        mw_point p = fixes[i * (fixes.size() / count)];
        ours.resize(4096);
        ours.resize(mw_index_point(index, p, ours.data(), ours.size()));
        theirs.clear();
        peer.ask(p, theirs);
        std::sort(theirs.begin(), theirs.end());
        apart.clear();
        std::set_symmetric_difference(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                                      std::back_inserter(apart));
        for (uint32_t fence : apart) {
            mw_distance distance{};
            bool near = mw_index_distance(index, fence, p, border_m, &distance) &&
                        std::fabs(distance.distance_m) < border_m;
            wrong += near ? 0 : 1;
        }
    }
    return wrong;
}

double ask_peer(Peer &peer, const std::vector<mw_point> &fixes, size_t count, int rounds)
{
    std::vector<uint32_t> out;
    return best_ns(count, rounds, [&] {
        for (size_t i = 0; i < count; i++) {
            out.clear();
            peer.ask(fixes[i], out);
        }
    });
}

struct Own {
    double one, batch, detail, path, distance, hits, crossings;
};

Own ask_own(const mw_index *index, const std::vector<mw_point> &fixes)
{
    constexpr size_t vehicles = 10000, block = 512;
    Own own{};
    std::vector<uint32_t> out(65536), first(block + 1);
    std::vector<mw_hit> hits(4096);
    std::vector<mw_crossing> crossings(4096);
    size_t found = 0, met = 0;
    own.one = best_ns(fixes.size(), 5, [&] {
        found = 0;
        for (mw_point p : fixes)
            found += mw_index_point(index, p, out.data(), out.size());
    });
    own.hits = static_cast<double>(found) / static_cast<double>(fixes.size());
    size_t found_batch = 0;
    own.batch = best_ns(fixes.size(), 5, [&] {
        found_batch = 0;
        for (size_t i = 0; i < fixes.size(); i += block) {
            size_t count = std::min(block, fixes.size() - i);
            found_batch += mw_index_points(index, &fixes[i], count, first.data(), out.data(), out.size());
        }
    });
    size_t found_detail = 0;
    own.detail = best_ns(fixes.size(), 3, [&] {
        found_detail = 0;
        for (mw_point p : fixes)
            found_detail += mw_index_point_detail(index, p, hits.data(), hits.size());
    });
    if (found_batch != found || found_detail != found) {
        fprintf(stderr, "batch or detail differ from one by one\n");
        exit(1);
    }
    own.path = best_ns(fixes.size() - vehicles, 3, [&] {
        met = 0;
        for (size_t i = vehicles; i < fixes.size(); i++)
            met += mw_index_path(index, fixes[i - vehicles], fixes[i], crossings.data(), crossings.size());
    });
    own.crossings = static_cast<double>(met) / static_cast<double>(fixes.size() - vehicles);
    uint32_t fences = mw_index_fence_count(index);
    own.distance = best_ns(fixes.size(), 3, [&] {
        for (size_t i = 0; i < fixes.size(); i++) {
            mw_distance distance;
            mw_index_distance(index, static_cast<uint32_t>(i % fences), fixes[i], 1000, &distance);
        }
    });
    return own;
}

void run(uint32_t count, bool peers)
{
    City city = make_city(count, 1);
    std::vector<mw_point> fixes = make_fixes(city, 40, 2);
    size_t points = 0;
    for (const Fence &fence : city.fences)
        points += fence.points.size();
    double build_s = 0;
    mw_index *index = build(city, &build_s);
    Own own = ask_own(index, fixes);
    double mb = static_cast<double>(mw_index_memory_bytes(index)) / 1e6;
    printf("\n%u fences, %zu points, %zu fixes, %.2f fences hold a fix, a step meets %.2f\n", count, points,
           fixes.size(), own.hits, own.crossings);
    printf("  muckwatch  point %7.1f ns   batch %7.1f ns   detail %7.1f ns   path %7.1f ns   distance to one "
           "%6.1f ns\n",
           own.one, own.batch, own.detail, own.path, own.distance);
    printf("             build %.3f s   memory %.1f MB (%.0f bytes a fence, geometry included)\n", build_s,
           mb, mb * 1e6 / count);
    fflush(stdout);
    if (peers) {
        std::vector<Rings> rings = outlines(city);
        const char *names[] = {"S2", "GEOS"};
        for (int i = 0; i < 2; i++) {
            double start = cpu_s();
            std::unique_ptr<Peer> peer = i == 0 ? make_s2(rings) : make_geos(rings);
            double peer_build_s = cpu_s() - start;
            size_t asked = i == 0 ? fixes.size() : fixes.size() / 4;
            disagreements(index, *peer, fixes, 2000); // warms what the peer prepares late
            double ns = ask_peer(*peer, fixes, asked, 3);
            size_t wrong = disagreements(index, *peer, fixes, 20000);
            printf("  %-9s  point %7.1f ns   = %5.1f times ours one by one, %5.1f in batches   build %.2f s  "
                   " memory %.1f "
                   "MB   disagrees %zu\n",
                   names[i], ns, ns / own.one, ns / own.batch, peer_build_s,
                   static_cast<double>(peer->memory_bytes()) / 1e6, wrong);
            fflush(stdout);
        }
    }
    mw_index_free(index);
}
} // namespace

int main(int argc, char **argv)
{
    bool peers = true;
    std::vector<uint32_t> counts;
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--no-peers"))
            peers = false;
        else
            counts.push_back(static_cast<uint32_t>(strtoul(argv[i], nullptr, 10)));
    if (counts.empty())
        counts = {1000, 10000, 100000};
    for (uint32_t count : counts)
        run(count, peers);
    return 0;
}

// The two libraries measured beside ours. Corridors are buffered once, by GEOS, with 16 segments a quarter
// circle (the outline is at most 0.12 % of the half-width inside the true one), and given to both as
// polygons.
#pragma once

#include "workload.hpp"

#include <memory>

struct Peer {
    virtual ~Peer() = default;
    // Fences that hold the point, in no order.
    virtual void ask(mw_point p, std::vector<uint32_t> &out) = 0;
    virtual size_t memory_bytes() const = 0; // as the library tells; 0 where it does not
};

// Rings of a fence: outer and holes.
using Rings = std::vector<std::vector<mw_point>>;

std::vector<Rings> outlines(const City &city);
std::unique_ptr<Peer> make_s2(const std::vector<Rings> &outlines);
std::unique_ptr<Peer> make_geos(const std::vector<Rings> &outlines);

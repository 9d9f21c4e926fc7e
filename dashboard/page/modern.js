/* A class static block: what MapLibre needs, and with it the floor. A browser that cannot read this line leaves the notice standing. */
class Modern { static { document.documentElement.className = 'modern'; } }

/*
 * map_icons: pictures of vehicles, drawn here, so that nothing is fetched: a shape a class, a colour a state. North is up; the map turns them.
 */
const SIZE = 48;
export const STATES = { moving: '#4da3ff', stopped: '#c7d0da', silent: '#6d7885', replay: '#35d0a5' };

/* Outlines in a square of 48, with the front up. */
const SHAPES = {
    /* An arrow: trucks that haul. */
    truck: (g) => { g.moveTo(24, 5); g.lineTo(38, 41); g.lineTo(24, 33); g.lineTo(10, 41); },
    /* A house: those that work on the road. */
    worker: (g) => { g.moveTo(24, 6); g.lineTo(37, 20); g.lineTo(37, 40); g.lineTo(11, 40); g.lineTo(11, 20); },
    /* A drop: of unknown class. */
    other: (g) => { g.moveTo(24, 6); g.lineTo(36, 26); g.arc(24, 28, 12.2, -0.16, Math.PI + 0.16); },
};
const WORKERS = ['sweeper', 'sprinkler', 'washer', 'compactor'];

export const shapeOf = (name) => (name === 'muck_truck' ? 'truck' : WORKERS.includes(name) ? 'worker' : 'other');

function draw(shape, colour, hollow) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = SIZE;
    const g = canvas.getContext('2d');
    g.lineJoin = 'round';
    g.beginPath();
    SHAPES[shape](g);
    g.closePath();
    g.lineWidth = 8;
    g.strokeStyle = '#0b1016';
    g.stroke();
    g.fillStyle = hollow ? '#0b1016' : colour;
    g.fill();
    g.lineWidth = 3.5;
    g.strokeStyle = hollow ? colour : '#ffffff';
    g.stroke();
    return g.getImageData(0, 0, SIZE, SIZE);
}

/** Puts `vehicle-SHAPE-STATE` into a map's style. */
export function addIcons(map) {
    for (const shape of Object.keys(SHAPES))
        for (const [state, colour] of Object.entries(STATES))
            map.addImage(`vehicle-${shape}-${state}`, draw(shape, colour, state === 'silent'), { pixelRatio: 2 });
}

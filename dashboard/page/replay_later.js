/* replay_later: what stands in for the replay until something is played: then it is loaded, and takes this one's place. */

/** `app.do.replay` and the bar below the map. Resolves to the former. */
async function load(app) {
    const [{ makeReplaying }, { makeReplayBar }] = await Promise.all([import(/* later */ './replaying.js'), import(/* later */ './view/replay_bar.js')]);
    app.do.replay = makeReplaying(app);
    app.drawReplay = makeReplayBar(app.city.below, app);
    return app.do.replay;
}

export function replayLater(app) {
    let loading = null;
    const later = (name) => async (...question) => {
        try {
            loading ??= load(app);
            (await loading)[name](...question);
        } catch (error) {
            loading = null; /* the server was away: asked again next time */
            app.say(error.message);
        }
    };
    app.drawReplay = () => {};
    return { ofAlert: later('ofAlert'), ofVehicle: later('ofVehicle') };
}

// Loads the page again when there is another edition of the book than its own.
(() => {
    const mine = document.currentScript.dataset.edition;
    // That page would ask to be printed again.
    if (location.pathname.endsWith('/print.html')) return;
    let events;
    const listen = () => {
        events ??= new EventSource('/_course/events');
        events.onmessage = (event) => {
            if (event.data !== mine) location.reload();
        };
        // Only what is over for good: in all other cases the browser tries again by itself.
        events.onerror = () => {
            if (events?.readyState === EventSource.CLOSED) leave();
        };
    };
    const leave = () => {
        events?.close();
        events = undefined;
    };
    // A browser has six connections to a server, for all of its tabs together: the seventh
    // tab with a stream would never get its page. So who is not seen does not listen, and asks
    // when it is seen again.
    const look = () => (document.hidden ? leave() : listen());
    document.addEventListener('visibilitychange', look);
    addEventListener('pagehide', leave);
    addEventListener('pageshow', look);
    look();
})();

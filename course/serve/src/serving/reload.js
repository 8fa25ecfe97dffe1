// Loads the page again once there is another edition of the book.
(() => {
    const mine = document.currentScript.dataset.edition;
    // That page would ask to be printed again.
    if (location.pathname.endsWith('/print.html')) return;
    const ask = async () => {
        if (document.hidden) return;
        try {
            const answer = await fetch('/_course/edition');
            if (answer.ok && (await answer.text()) !== mine) location.reload();
        } catch {
            // The server has been stopped. It may come back.
        }
    };
    setInterval(ask, 1000);
    document.addEventListener('visibilitychange', ask);
})();

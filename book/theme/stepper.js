// The stepper: a figure in which the reader is the scheduler.
//
// On the page it is <figure class="stepper">: a caption, a table of the endings, and a script
// element with every state of a small program, as the explorer found them. This file builds
// the board from them: the memory, a column for each thread with its source and its possible
// next steps, the steps so far, the endings found. Without JavaScript, and on paper, the
// table of endings remains. Nothing is fetched, so it works from a file.
//
// The data, all of it written by explorer/src/graph.rs:
//
//   threads  [{name, lines: [[number, text]]}]      the columns
//   places   [name]                                  atomics, cells, locks
//   at       [[line, run, why, sees]]                every situation of a thread that occurs;
//            `sees` has for each place the oldest message that it may read, -1 for none
//   values   [[text]]                                every list of messages, oldest first
//   steps    [[thread, text, old]]                   every step; old: it read an old value
//   ends     [[text, bad]]                           every ending
//   states   [[at of each thread], [values of each place], [[step, state]], end or -1]
//
// State 0 is the start. What occurs often is written once and meant by its number.
(() => {
    'use strict';

    /** Milliseconds between two steps on the way to a bad ending, and for a long way. */
    const [PACE, LONG] = [900, 9000];

    /** An element with attributes and children; an attribute that is `false` is left out. */
    const make = (tag, attributes = {}, ...children) => {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) {
            if (value !== false) element.setAttribute(name, value);
        }
        element.append(...children);
        return element;
    };

    /** A line of Rust, coloured as mdBook colours all other code, if its colours are there. */
    const code = (text) => {
        const line = make('code', {}, text);
        if (window.hljs) line.innerHTML = window.hljs.highlight('rust', text, true).value;
        return line;
    };

    /** Writes a text, and lets it flash if it is another one than before. */
    const write = (element, text) => {
        if (element.dataset.text === text) return;
        const first = element.dataset.text === undefined;
        element.dataset.text = text;
        element.textContent = text;
        element.classList.remove('changed');
        if (first) return;
        void element.offsetWidth; // Begins the animation again.
        element.classList.add('changed');
    };

    const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;

    class Stepper {
        constructor(figure) {
            this.figure = figure;
            const script = figure.querySelector('script[type="application/json"]');
            this.data = JSON.parse(script.textContent);
            this.found = new Set();
            /** The steps so far: {from, step, to}. */
            this.path = [];
            /** The timer of the next step, while a way to a bad ending is shown. */
            this.timer = 0;
            this.build();
            this.show('Choose the thread that takes the first step.');
        }

        // ---- the graph -------------------------------------------------------------------

        get now() {
            return this.path.length ? this.path[this.path.length - 1].to : 0;
        }

        /** The possible steps: {step, to, thread, text, old}, in the order of the threads. */
        choices(state = this.now) {
            return this.data.states[state][2]
                .map(([step, to]) => {
                    const [thread, text, old] = this.data.steps[step];
                    return { from: state, step, to, thread, text, old };
                })
                .sort((a, b) => a.thread - b.thread);
        }

        /** How each state that can be reached from here is reached first: nearest first. */
        reach(from, old = true) {
            const came = new Map([[from, null]]);
            // A Map is walked in the order of insertion, and what is inserted meanwhile is
            // walked as well: that is the queue of a breadth-first search.
            for (const state of came.keys()) {
                for (const choice of this.choices(state)) {
                    if (!came.has(choice.to) && (old || !choice.old)) {
                        came.set(choice.to, choice);
                    }
                }
            }
            return came;
        }

        /**
         * The shortest way to an ending that `wanted` accepts, or null. A way on which no old
         * value is read comes first: it is easier to follow.
         */
        way(from, wanted) {
            for (const old of [false, true]) {
                const came = this.reach(from, old);
                for (const state of came.keys()) {
                    const end = this.data.states[state][3];
                    if (end < 0 || state === from || !wanted(end)) continue;
                    const way = [];
                    for (let at = came.get(state); at; at = came.get(at.from)) way.unshift(at);
                    return way;
                }
            }
            return null;
        }

        // ---- what the reader does --------------------------------------------------------

        take(choice, quiet = false) {
            this.path.push(choice);
            const end = this.data.states[choice.to][3];
            if (end >= 0) this.found.add(end);
            this.show(this.told(choice), quiet);
        }

        choose(number) {
            this.stop();
            const choice = this.choices()[number];
            if (choice) this.take(choice);
        }

        undo() {
            this.stop();
            const choice = this.path.pop();
            if (choice) this.show(`Taken back: ${this.told(choice)}`);
        }

        restart() {
            this.stop();
            this.path = [];
            this.show('Back at the start.');
        }

        /** Shows a way to a bad ending: one that is new if there is any, from here if it can. */
        bad() {
            if (this.timer) {
                this.stop();
                return this.show('Stopped. Go on yourself.');
            }
            const isBad = (end) => this.data.ends[end][1];
            const isNew = (end) => isBad(end) && !this.found.has(end);
            for (const wanted of [isNew, isBad]) {
                for (const from of [this.now, 0]) {
                    const way = this.way(from, wanted);
                    if (!way) continue;
                    if (from === 0) this.path = [];
                    return this.play(way);
                }
            }
            const count = this.data.ends.length;
            return this.show(`There is no bad ending. ${plural(count, 'ending')} in `
                + `${plural(this.data.states.length, 'state')}, all of them good.`);
        }

        play(way) {
            const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
            const pace = Math.min(PACE, LONG / way.length);
            const next = () => {
                const choice = way.shift();
                this.timer = way.length && !calm ? setTimeout(next, pace) : 0;
                this.take(choice, way.length > 0);
                if (way.length && calm) next();
            };
            if (this.path.length || calm) return next();
            this.timer = setTimeout(next, pace);
            return this.show('From the start:', true);
        }

        stop() {
            clearTimeout(this.timer);
            this.timer = 0;
        }

        told(choice) {
            const { name } = this.data.threads[choice.thread];
            return `${name}: ${choice.text}${choice.old ? ', an old value' : ''}.`;
        }

        // ---- the board, once -------------------------------------------------------------

        build() {
            const { threads, places, ends } = this.data;
            // Of three side by side, each would be too narrow for a line of code.
            const abreast = Math.min(threads.length, 2);
            const caption = this.figure.querySelector('figcaption').textContent;
            const button = (name, label, key, act) => {
                const face = make('button', { type: 'button', class: name },
                    label, make('kbd', { 'aria-hidden': 'true' }, key));
                face.setAttribute('aria-keyshortcuts', key);
                face.addEventListener('click', act);
                return face;
            };
            this.undoButton = button('undo', 'Undo', 'u', () => this.undo());
            this.restartButton = button('restart', 'Restart', 'r', () => this.restart());
            this.badButton = button('find', 'Find me a bad ending', 'b', () => this.bad());
            this.badButton.firstChild.replaceWith(make('span', {}, 'Find me a bad ending'));
            this.status = make('p', { class: 'status', role: 'status', 'aria-live': 'polite' });
            this.columns = threads.map((thread, index) => this.column(thread, index));
            this.trace = make('ol', { class: 'trace', tabindex: '0',
                'aria-label': 'Steps so far' });
            this.count = make('p', { class: 'count' });
            this.endings = ends.map(([text, bad]) => {
                const mark = make('span', { class: 'mark' });
                const note = make('span', { class: 'note' });
                const item = make('li', { class: bad ? 'bad' : 'good' },
                    mark, ' ', make('span', { class: 'text' }, text), bad ? ' (bad) ' : ' ', note);
                return { item, mark, note };
            });
            this.board = make('div', { class: 'board', role: 'group', tabindex: '0',
                'aria-label': `Stepper: ${caption} (Keys: 1 to 9 choose a step, u takes it `
                    + 'back, r restarts, b finds a bad ending.)' },
            make('div', { class: 'bar' },
                this.undoButton, this.restartButton, this.badButton),
            places.length ? this.memory() : '',
            make('div', { class: 'columns', style: `--abreast: ${abreast}` },
                ...this.columns.map((column) => column.box)),
            this.status,
            make('div', { class: 'below' },
                make('section', {}, make('p', { class: 'head' }, 'Steps so far'), this.trace),
                make('section', {}, this.count,
                    make('ul', { class: 'found', 'aria-label': 'outcomes' },
                        ...this.endings.map((end) => end.item)))));
            this.board.addEventListener('keydown', (event) => this.key(event));
            this.figure.querySelector('figcaption').after(this.board);
            this.figure.classList.add('live');
        }

        /** What each place holds, and which of its values each thread may still read. */
        memory() {
            const { places, at } = this.data;
            // A lock is held, not read.
            const read = at.some(([, , , sees]) => sees.some((oldest) => oldest >= 0));
            const threads = read ? this.data.threads : [];
            const names = ['memory', read ? 'newest' : 'state',
                ...threads.map((thread) => `${thread.name} may read`)];
            const head = make('tr', {},
                ...names.map((name) => make('th', { scope: 'col' }, name)));
            this.cells = places.map(() => ['', ...threads].map(() => make('td')));
            const rows = places.map((place, index) => make('tr', {},
                make('th', { scope: 'row' }, make('code', {}, place)), ...this.cells[index]));
            return make('div', { class: 'memory' },
                make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows)));
        }

        column(thread, index) {
            const lines = thread.lines.map(([number, text]) => ({ number,
                item: make('li', { value: number }, code(text)) }));
            const run = make('p', { class: 'run' });
            const steps = make('div', { class: 'steps' });
            const most = Math.max(...this.data.states.map((state) => state[2]
                .filter(([step]) => this.data.steps[step][0] === index).length));
            const box = make('div', { role: 'group', 'aria-label': thread.name,
                class: `column t${index % 3 + 1}`, style: `--most: ${most}` },
                make('p', { class: 'head' }, thread.name), run,
                make('ol', { class: 'lines hljs', 'aria-label': `source of ${thread.name}` },
                    ...lines.map((line) => line.item)),
                steps);
            return { box, lines, run, steps };
        }

        // ---- the board, after every step -------------------------------------------------

        show(message, quiet = false) {
            const { states, ends } = this.data;
            const [at, values, , end] = states[this.now];
            const kept = this.focused();
            const choices = this.choices();
            this.columns.forEach((column, thread) => {
                this.showThread(column, this.data.at[at[thread]]);
                column.steps.replaceChildren(...choices.filter((it) => it.thread === thread)
                    .map((choice) => this.choiceButton(choice, choices.indexOf(choice))));
            });
            if (this.cells) this.showMemory(at, values);
            this.showTrace();
            this.showEndings();
            this.undoButton.disabled = !this.path.length;
            this.restartButton.disabled = !this.path.length;
            this.badButton.firstChild.textContent = this.timer ? 'Stop'
                : 'Find me a bad ending';
            this.status.setAttribute('aria-live', quiet ? 'off' : 'polite');
            this.status.className = 'status';
            this.status.replaceChildren(message);
            if (end >= 0) {
                const [text, bad] = ends[end];
                this.status.classList.add(bad ? 'bad' : 'good');
                this.status.append(' ', make('strong', {},
                    bad ? `✗ A bad ending: ${text}` : `✓ The end: ${text}`));
            }
            this.refocus(kept);
        }

        showThread(column, [line, run, why]) {
            column.box.dataset.run = run;
            write(column.run, why || (run === 'done' ? 'has returned' : run));
            for (const { number, item } of column.lines) {
                if (run !== 'done' && number === line) item.setAttribute('aria-current', 'step');
                else item.removeAttribute('aria-current');
            }
        }

        choiceButton(choice, number) {
            const button = make('button', { type: 'button', class: choice.old ? 'old' : false,
                'aria-keyshortcuts': number < 9 ? `${number + 1}` : false,
                'aria-label': this.told(choice) },
            make('kbd', { 'aria-hidden': 'true' }, number < 9 ? `${number + 1}` : '·'),
            make('code', {}, choice.text));
            if (choice.old) button.append(make('span', { class: 'tag' }, 'old'));
            button.addEventListener('click', () => this.choose(number));
            return button;
        }

        showMemory(at, values) {
            this.cells.forEach((cells, place) => {
                const messages = this.data.values[values[place]];
                write(cells[0], messages[messages.length - 1]);
                cells.slice(1).forEach((cell, thread) => {
                    const [, run, , sees] = this.data.at[at[thread]];
                    const none = run === 'done' || sees[place] < 0;
                    const may = none ? [] : messages.slice(sees[place]).reverse();
                    const text = may.map((value, age) => (age ? `old ${value}` : value));
                    write(cell, text.join(', ') || '–');
                    cell.classList.toggle('many', may.length > 1);
                });
            });
        }

        showTrace() {
            this.trace.replaceChildren(...this.path.map((choice) => make('li',
                { class: `t${choice.thread % 3 + 1}` },
                make('b', {}, this.data.threads[choice.thread].name), ' ',
                make('code', {}, choice.text), choice.old ? ' (old)' : '')));
            this.trace.scrollTop = this.trace.scrollHeight;
        }

        showEndings() {
            const open = new Set();
            for (const state of this.reach(this.now).keys()) {
                open.add(this.data.states[state][3]);
            }
            this.endings.forEach(({ item, mark, note }, end) => {
                const found = this.found.has(end);
                item.classList.toggle('found', found);
                mark.textContent = found ? '✓' : '○';
                mark.setAttribute('aria-label', found ? 'found:' : 'not found:');
                mark.setAttribute('role', 'img');
                note.textContent = open.has(end) ? '' : 'out of reach from here';
            });
            write(this.count, `${this.found.size} of `
                + `${plural(this.endings.length, 'outcome')} found`);
        }

        // ---- keyboard and focus ----------------------------------------------------------

        key(event) {
            if (event.ctrlKey || event.altKey || event.metaKey) return;
            const keys = { u: 'undo', Backspace: 'undo', r: 'restart', b: 'bad' };
            const act = keys[event.key];
            if (act) this[act]();
            else if (/^[1-9]$/.test(event.key)) this.choose(Number(event.key) - 1);
            else return;
            event.preventDefault();
            event.stopPropagation();
        }

        /** Where the focus is: in the steps of a thread (its index), on a button of the bar. */
        focused() {
            const active = document.activeElement;
            if (!this.board.contains(active)) return null;
            const thread = this.columns.findIndex(({ steps }) => steps.contains(active));
            return thread >= 0 ? thread : active;
        }

        /** The buttons are new ones after a step: the focus goes on to the next of its thread. */
        refocus(kept) {
            if (kept === null || (kept instanceof Element && !kept.disabled)) return;
            const own = this.columns[kept] && this.columns[kept].steps.firstChild;
            const other = this.board.querySelector('.steps button');
            (own || other || this.undoButton).focus({ preventScroll: true });
        }
    }

    for (const figure of document.querySelectorAll('figure.stepper')) new Stepper(figure);
})();

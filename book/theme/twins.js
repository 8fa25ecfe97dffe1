// The twins: two blocks of code that belong together, side by side.
//
// Where a column is too narrow for its longest line, it scrolls inside itself, and then this
// file moves the other one along, so that both always show the same columns of text. And it
// marks each line that only one of the two has. Without JavaScript the blocks stand there as
// they are; see twins.css.
(() => {
    'use strict';

    /** A line that says nothing by itself, such as a brace, is never marked. */
    const speaks = (line) => /\w/.test(line);

    /** For each line of `left` and `right`: has the other one the same line, in the same order? */
    const shared = (left, right) => {
        const same = (a, b) => a === b && speaks(a);
        const long = Array.from({ length: left.length + 1 }, () =>
            new Array(right.length + 1).fill(0));
        for (let i = left.length - 1; i >= 0; i--) {
            for (let j = right.length - 1; j >= 0; j--) {
                long[i][j] = same(left[i], right[j])
                    ? long[i + 1][j + 1] + 1
                    : Math.max(long[i + 1][j], long[i][j + 1]);
            }
        }
        const both = [left.map(() => false), right.map(() => false)];
        for (let i = 0, j = 0; i < left.length && j < right.length;) {
            if (same(left[i], right[j])) both[0][i++] = both[1][j++] = true;
            else if (long[i + 1][j] >= long[i][j + 1]) i++;
            else j++;
        }
        return both;
    };

    /** A background that has `colour` behind the lines that are `own`, and nothing elsewhere. */
    const behind = (own, colour) => {
        const bands = own.map((is, line) =>
            `${is ? colour : 'transparent'} ${line}lh ${line + 1}lh`);
        return `linear-gradient(${[...bands, 'transparent 0'].join(', ')})`;
    };

    /** Marks the lines of `code` that are `own`, and says how many there are. */
    const mark = (twin, code, own) => {
        code.style.setProperty('--bars', behind(own, 'var(--own)'));
        const tint = 'color-mix(in srgb, var(--own) 16%, transparent)';
        code.style.setProperty('--tints', behind(own, tint));
        code.classList.add('marked');
        const count = own.filter(Boolean).length;
        const say = document.createElement('small');
        say.textContent = count === 0
            ? 'the same'
            : `${count} of ${own.length} lines its own`;
        twin.querySelector('p').append(say);
    };

    const linesOf = (code) => code.textContent.replace(/\n+$/, '').split('\n');

    /** Takes away the indentation that all lines have: most stand in an `impl`. */
    const dedent = (code) => {
        const indents = linesOf(code)
            .filter((line) => line.trim() !== '')
            .map((line) => line.search(/\S/));
        const margin = new RegExp(`^ {${Math.min(...indents)}}`, 'gm');
        code.innerHTML = code.innerHTML.replace(margin, '');
    };

    for (const pair of document.querySelectorAll('.twins')) {
        const twins = [...pair.querySelectorAll('.twin')];
        const codes = twins.map((twin) => twin.querySelector('pre > code'));
        if (twins.length !== 2 || codes.includes(null)) continue;

        codes.forEach(dedent);
        const lines = codes.map((code) => linesOf(code).map((line) => line.trim()));
        shared(...lines).forEach((both, index) => {
            const own = both.map((is, line) => !is && speaks(lines[index][line]));
            mark(twins[index], codes[index], own);
        });

        // Where each was moved to by the other. It may be shorter, and so not get as far;
        // that must not pull back the one that the reader has moved.
        const moved = [0, 0];
        codes.forEach((code, index) => {
            const other = codes[1 - index];
            code.addEventListener('scroll', () => {
                if (code.scrollLeft === moved[index]) return;
                other.scrollLeft = code.scrollLeft;
                moved[1 - index] = other.scrollLeft;
                moved[index] = code.scrollLeft;
            }, { passive: true });
        });
    }
})();

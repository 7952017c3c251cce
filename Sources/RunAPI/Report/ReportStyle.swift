/// The colours and measures of the pages, for a page of paper too. The theme is the reader's; on paper it is the light one.
enum ReportStyle {
    static let sheet = HTMLText.style(
        """
        :root { color-scheme: light dark; --bg: #f2f4f7; --surface: #fff; --line: #dde2e9; --line-2: #c2cad5; --text: #141a22; --text-2: #465160;
          --accent: #1d5fd1; --run: #0b6a94; --run-bg: #e3f3fa; --run-line: #a6d6ea; --ok: #07724f; --ok-bg: #e2f5ee; --ok-line: #a3dcc8;
          --wait: #4d5867; --wait-bg: #eef1f5; --wait-line: #c2cad5; --warn: #875300; --warn-bg: #fff4dc; --warn-line: #ecc877;
          --err: #b5310f; --err-bg: #fdece6; --err-line: #f0b5a1; --aimed: #8a95a5; --fitted: #0f86b8; }
        @media screen and (prefers-color-scheme: dark) {
          :root { --bg: #0c0f14; --surface: #13171e; --line: #242b37; --line-2: #364051; --text: #e3e8ef; --text-2: #adb7c5;
            --accent: #85b3ff; --run: #58c7f3; --run-bg: #0e2633; --run-line: #1d4b62; --ok: #43cc9f; --ok-bg: #0d2a22; --ok-line: #1c5443;
            --wait: #b4becc; --wait-bg: #1d232e; --wait-line: #364051; --warn: #f5bb47; --warn-bg: #2d220c; --warn-line: #5f4814;
            --err: #ff8c6b; --err-bg: #331710; --err-line: #6f2f1e; --aimed: #75829a; --fitted: #35b3e6; }
        }
        *, *::before, *::after { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0; background: var(--bg); color: var(--text); overflow-wrap: anywhere; font-variant-numeric: tabular-nums;
          font: .875rem/1.45 -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif; }
        main, footer { max-width: 1440px; margin: 0 auto; padding: 20px 24px; }
        main, .grid { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
        footer { padding-top: 0; }
        h1, h2, h3, h4, p, ul, dl, dd, figure { margin: 0; padding: 0; }
        ul { list-style: none; }
        h1 { font-size: 1.625rem; line-height: 1.2; letter-spacing: -.015em; } h2 { font-size: 1rem; } h2.title { font-size: 1.25rem; }
        h1, h2, h3, h4 { font-weight: 650; } h3 { font-size: .9375rem; } h4 { font-size: .8125rem; }
        .grid { padding-top: 12px; }
        .plain { font-weight: 400; font-size: .8125rem; }
        a { color: var(--accent); } :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        .dim { color: var(--text-2); } .c-ok { color: var(--ok); } .c-warn { color: var(--warn); } .c-err { color: var(--err); }
        .row { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; }
        .card { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px; display: grid; gap: 10px;
          grid-template-columns: minmax(0, 1fr); align-content: start; }
        .sprite { position: absolute; width: 0; height: 0; }
        .i { width: 14px; height: 14px; flex: none; }
        symbol, .i { fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
        .pill { display: inline-flex; align-items: center; gap: 6px; padding: 1px 9px 1px 7px; border: 1px solid var(--wait-line);
          border-radius: 999px; background: var(--wait-bg); color: var(--wait); font-size: .75rem; font-weight: 650; white-space: nowrap; }
        .pill.run { background: var(--run-bg); color: var(--run); border-color: var(--run-line); }
        .pill.ok { background: var(--ok-bg); color: var(--ok); border-color: var(--ok-line); }
        .pill.warn, .notice { background: var(--warn-bg); color: var(--warn); border-color: var(--warn-line); }
        .pill.err { background: var(--err-bg); color: var(--err); border-color: var(--err-line); }
        .notice { display: flex; gap: 10px; align-items: center; padding: 9px 12px; border: 1px solid var(--warn-line); border-radius: 8px; }
        .notes { white-space: pre-wrap; max-width: 90ch; }
        .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr)); gap: 16px 32px;
          border-top: 1px solid var(--line); padding-top: 12px; }
        .facts h2 { font-size: .8125rem; margin-bottom: 4px; }
        .facts dl div { display: flex; justify-content: space-between; gap: 14px; padding: 2px 0; font-size: .8125rem; }
        .facts dt { color: var(--text-2); flex: none; } .facts dd { text-align: right; font-weight: 550; min-width: 0; }
        .figures { display: flex; flex-wrap: wrap; gap: 10px 28px; border-top: 1px solid var(--line); padding-top: 10px; }
        .figures dt { font-size: .75rem; color: var(--text-2); } .figures dd { font-weight: 600; }
        .pair { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }
        .tiles { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(min(46%, 190px), 1fr)); }
        .tiles.large { grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); }
        .card.thumb { padding: 0; overflow: hidden; gap: 0; }
        .thumb img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: cover; background: #10141b; }
        .thumb figcaption { padding: 8px 10px; display: grid; gap: 2px; font-size: .75rem; } .thumb .row { justify-content: space-between; }
        .noimage { border: 1px dashed var(--line-2); border-radius: 8px; padding: 28px 14px; text-align: center; color: var(--text-2); }
        .thumb .noimage { aspect-ratio: 1; display: grid; place-content: center; border-width: 0 0 1px; border-radius: 0; padding: 8px; }
        .map { display: grid; gap: 8px; grid-template-columns: minmax(0, 1fr); }
        .map > svg { display: block; width: 100%; height: auto; max-height: 680px; background: #0a0c10; border-radius: 6px; }
        .map figcaption { display: grid; gap: 2px; font-size: .75rem; }
        .ov { --m-ok: #35d39c; --m-run: #4cc9ff; --m-wait: #fff; --m-err: #ff8a66; --m-skip: #98a2b0; --m-cand: #8ea4c4; }
        .ov :is(rect, circle, path) { fill: none; vector-effect: non-scaling-stroke; stroke-width: 2; }
        .ov .ok { stroke: var(--m-ok); fill: rgb(53 211 156 / .16); } .ov .run { stroke: var(--m-run); stroke-width: 3; }
        .ov .wait { stroke: var(--m-wait); } .ov .skip { stroke: var(--m-skip); stroke-width: 1.6; }
        .ov :is(.err, .doubt) { stroke: var(--m-err); stroke-width: 2.4; } .ov .doubt { stroke-dasharray: 5 3; }
        .ov .cand { stroke: var(--m-cand); stroke-width: 1.3; } .ov .poor { stroke-dasharray: 4 3; }
        .ov rect.empty { fill: #171c25; }
        .ov .label { font-weight: 700; text-anchor: middle; paint-order: stroke; stroke: #050608; stroke-linejoin: round; fill: #fff; }
        .ov .of-ok { fill: var(--m-ok); } .ov .of-run { fill: var(--m-run); } .ov .of-skip { fill: var(--m-skip); }
        .ov :is(.of-err, .of-doubt) { fill: var(--m-err); }
        .ov path.scale { stroke: #fff; stroke-width: 3; } .ov path.edge { stroke: #050608; stroke-width: 6; }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 7px 12px; border-radius: 6px; background: #0a0c10; color: #dfe5ee;
          font-size: .75rem; }
        .legend li, .key li { display: flex; gap: 6px; align-items: center; } .legend svg, .key svg { width: 16px; height: 16px; flex: none; }
        .chart { display: grid; gap: 6px; } .chart > svg { width: 100%; max-width: 620px; height: auto; }
        .chart text { font-size: 11px; fill: var(--text-2); }
        .axis { stroke: var(--line); } .tick { stroke: var(--line-2); }
        .limit { stroke: var(--warn); stroke-width: 1.5; stroke-dasharray: 5 4; fill: none; }
        .dots { stroke-width: 6; stroke-linecap: round; } .dots.fitted { stroke: var(--fitted); }
        .dots.aimed { stroke: var(--aimed); stroke-width: 9; }
        .without { stroke: var(--err); stroke-width: 1.5; }
        .key { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: .75rem; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .8125rem; overflow-wrap: normal; }
        th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
        thead th { color: var(--text-2); font-size: .75rem; font-weight: 600; vertical-align: bottom; }
        tbody th { font-weight: 600; } .number { text-align: right; white-space: nowrap; }
        .exposures :is(td, tbody th, th:nth-child(3)) { white-space: nowrap; }
        td small { display: block; white-space: normal; color: var(--text-2); max-width: 46ch; min-width: 16ch; overflow-wrap: anywhere; }
        @media (max-width: 640px) { main, footer { padding: 14px; } .card { padding: 12px; } h1 { font-size: 1.25rem; } }
        @media (forced-colors: active) { .pill, .notice, .card { border: 1px solid CanvasText; } }
        @media print {
          @page { size: A4; margin: 12mm; }
          :root { color-scheme: light; --bg: #fff; --surface: #fff; }
          body { font-size: 9pt; } main, footer { padding: 0; max-width: none; }
          main { display: block; } .grid { display: block; break-before: page; padding: 0; } main > *, .grid > * { margin-bottom: 10px; }
          .card { border-color: #c2cad5; padding: 10px 12px; }
          .map, .legend, .pill, .notice, .thumb, .chart { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          .pair { grid-template-columns: 1fr 1fr; } .tiles { grid-template-columns: repeat(5, 1fr); gap: 8px; }
          .tiles.large { grid-template-columns: 1fr 1fr; }
          .thumb figcaption { padding: 5px 6px; } .thumb .pill { padding: 0 5px 0 4px; }
          .scroll { overflow: visible; } table { font-size: 7.5pt; } th, td { padding: 3px 5px; } thead th { font-size: 7pt; } thead { display: table-header-group; }
          tr, figure, .thumb, .tiles > *, .pair, .figures, .facts section { break-inside: avoid; } h2, h3, h4 { break-after: avoid; }
          a { color: inherit; text-decoration: none; }
        }
        """)
}

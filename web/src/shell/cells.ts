/** Names each cell by the head of its column, and says what each is, for as cards they are drawn as no table. */
export function nameCells(table: HTMLTableElement) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => head.textContent);
  table.setAttribute("role", "table");
  for (const part of [table.tHead, ...table.tBodies]) part?.setAttribute("role", "rowgroup");
  for (const row of table.rows) {
    row.setAttribute("role", "row");
    [...row.cells].forEach((cell, at) => {
      cell.setAttribute("role", cell.tagName === "TH" ? "columnheader" : "cell");
      if (heads[at]) cell.dataset.head = heads[at];
    });
  }
}

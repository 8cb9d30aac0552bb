// Unfold draws one tbody for each row and no list of tools; mptt's script, which makes the tree draggable and
// collapsible, wants one tbody and an .object-tools of its own. This runs before it and provides both.
document.addEventListener("DOMContentLoaded", function () {
  const table = document.getElementById("result_list");
  if (!table || !table.querySelector(".tree-node")) return;
  const first = table.tBodies[0];
  while (table.tBodies.length > 1) {
    first.append(...table.tBodies[1].rows);
    table.tBodies[1].remove();
  }
  document.querySelectorAll(".object-tools").forEach(function (tools) {
    tools.classList.remove("object-tools");
  });
  const tools = document.createElement("ul");
  tools.className = "object-tools tag-tools";
  table.parentNode.insertBefore(tools, table);
});

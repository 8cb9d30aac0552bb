// mptt's script puts its buttons into every .object-tools, and Unfold has none above a list. This runs before it.
document.addEventListener("DOMContentLoaded", function () {
  const table = document.getElementById("result_list");
  if (!table) return;
  document.querySelectorAll(".object-tools").forEach(function (tools) {
    tools.classList.remove("object-tools");
  });
  const tools = document.createElement("ul");
  tools.className = "object-tools tag-tools";
  table.parentNode.insertBefore(tools, table);
});

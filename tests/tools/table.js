export async function checkTable() {}
export async function recordTable() {}

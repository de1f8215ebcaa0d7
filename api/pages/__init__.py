"""The pages for people: server-rendered, complete without JavaScript, nothing from elsewhere."""
